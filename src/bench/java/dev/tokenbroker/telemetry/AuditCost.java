package dev.tokenbroker.telemetry;

import com.sun.management.OperatingSystemMXBean;
import dev.tokenbroker.exchange.ExchangeRecord;
import dev.tokenbroker.exchange.Intent;
import java.io.FileOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.FileHandler;

/**
 * What one audit record costs, in processor time of the whole process: rendered and written by the
 * log handler, as the broker does it out of the box, and by {@link AuditSink} in batches.
 *
 * <p>Takes the number of records of a window; each way is measured in five windows that take turns.
 */
public final class AuditCost {

  private static final ExchangeRecord RECORD = Records.accepted(Intent.EXCHANGE);
  private static final int THREADS = 2;
  private static final int WINDOWS = 5;

  private final int records;
  private final Path file;
  private final AuditBytes bytes = new AuditBytes(1024);
  private final AuditRenderer renderer = new AuditRenderer(bytes);
  private long characters;

  private AuditCost(int records, Path file) {
    this.records = records;
    this.file = file;
  }

  /** One way to do it. */
  private interface Way {
    void write() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
    int records = args.length > 0 ? Integer.parseInt(args[0]) : 200_000;
    Path file = Files.createTempFile("audit", ".json");
    try {
      new AuditCost(records, file).compare();
    } finally {
      Files.delete(file);
    }
  }

  private void compare() throws Exception {
    List<String> names =
        List.of(
            "rendered as text",
            "rendered as bytes",
            "log handler",
            "sink, a commit for each",
            "sink, a commit for 4",
            "sink, a commit for 16");
    List<Way> ways =
        List.of(
            this::text,
            this::bytes,
            this::logHandler,
            () -> sink(1),
            () -> sink(4),
            () -> sink(16));
    for (int window = 0; window <= WINDOWS; window++) {
      for (int at = 0; at < ways.size(); at++) {
        double micros = cpuMicros(ways.get(at));
        // The first is for warming up.
        if (window > 0) {
          System.out.printf(Locale.ROOT, "%s: %.2f µs a record%n", names.get(at), micros);
        }
      }
    }
    System.out.println(characters + " characters rendered");
  }

  private double cpuMicros(Way way) throws Exception {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = system.getProcessCpuTime();
    way.write();
    return (system.getProcessCpuTime() - before) / 1e3 / records;
  }

  private void text() {
    for (int at = 0; at < records; at++) {
      characters += AuditLine.of(RECORD).length();
    }
  }

  private void bytes() {
    for (int at = 0; at < records; at++) {
      bytes.cut(0);
      renderer.add(RECORD);
      characters += bytes.length();
    }
  }

  private void logHandler() throws Exception {
    Logger category = Logger.getLogger(AuditLog.CATEGORY);
    FileHandler handler = new FileHandler(new PatternFormatter("%s%n"), file.toFile());
    category.setUseParentHandlers(false);
    category.setLevel(Level.INFO);
    category.addHandler(handler);
    AuditLog audit = new AuditLog();
    try {
      onThreads(
          () -> {
            for (int at = 0; at < records / THREADS; at++) {
              audit.ended(RECORD);
            }
          });
    } finally {
      category.removeHandler(handler);
      handler.close();
    }
  }

  /** Each thread asks for a commit when it has handed over so many. */
  private void sink(int batch) throws Exception {
    LongAdder written = new LongAdder();
    try (FileOutputStream output = new FileOutputStream(file.toFile());
        AuditSink sink = new AuditSink(output, records)) {
      onThreads(
          () -> {
            for (int at = 0; at < records / THREADS; at++) {
              sink.offer(RECORD, ok -> written.add(ok ? 1 : 0));
              if (at % batch == 0) {
                sink.commit();
              }
            }
          });
    }
    if (written.sum() != records / THREADS * (long) THREADS) {
      throw new IllegalStateException("only " + written + " are written");
    }
  }

  private static void onThreads(Runnable work) throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int at = 0; at < THREADS; at++) {
      threads.add(Thread.ofPlatform().start(work));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
