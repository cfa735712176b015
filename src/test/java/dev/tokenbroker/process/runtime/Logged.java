package dev.tokenbroker.process.runtime;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Collects what one category logs, and keeps it from the console: during each test where it is
 * registered as an extension, otherwise while it is open. Safe for use by several threads.
 */
public final class Logged extends Handler
    implements BeforeEachCallback, AfterEachCallback, AutoCloseable {

  private final Formatter message = new PatternFormatter("%s");
  private final Logger logger;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  private Logged(String category) {
    this.logger = Logger.getLogger(category);
  }

  /** An extension that collects what that class logs. */
  public static Logged by(Class<?> source) {
    return under(source.getName());
  }

  /** An extension that collects what is logged under that category. */
  public static Logged under(String category) {
    return new Logged(category);
  }

  /** Collects what that class logs from now on, until it is closed. */
  public static Logged open(Class<?> source) {
    Logged opened = by(source);
    opened.listen();
    return opened;
  }

  public List<LogRecord> records() {
    return List.copyOf(records);
  }

  public List<String> texts() {
    return texts(Level.ALL);
  }

  /** The texts of that level and above. */
  public List<String> texts(Level least) {
    return records.stream()
        .filter(line -> line.getLevel().intValue() >= least.intValue())
        .map(message::format)
        .toList();
  }

  /** The lines with their levels, such as {@code INFO Upstream sso works again}. */
  public List<String> lines() {
    // Loggers have levels of their own kind, of the same weight.
    return records.stream()
        .map(
            line ->
                (line.getLevel().intValue() >= Level.WARNING.intValue() ? "WARNING " : "INFO ")
                    + message.format(line))
        .toList();
  }

  private void listen() {
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    listen();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close();
  }

  @Override
  public void publish(LogRecord line) {
    records.add(line);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setUseParentHandlers(true);
  }
}
