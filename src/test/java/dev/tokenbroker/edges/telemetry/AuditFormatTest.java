package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.logging.json.runtime.JsonFormatter;
import jakarta.enterprise.event.Startup;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuditFormatTest {

  private final Logger audit = Logger.getLogger(AuditLog.CATEGORY);
  private final ConsoleHandler handler = new ConsoleHandler();

  @AfterEach
  void stop() {
    audit.removeHandler(handler);
  }

  @Test
  void takes_the_wrapping_off_again() {
    Formatter format = after(new JsonFormatter());

    assertThat(format.format(new ExtLogRecord(Level.INFO, "{\"intent\":\"exchange\"}", "audit")))
        .isEqualTo("{\"intent\":\"exchange\"}" + System.lineSeparator());
  }

  @Test
  void leaves_any_other_format_as_it_is() {
    Formatter own = new SimpleFormatter();

    assertThat(after(own)).isSameAs(own);
  }

  private Formatter after(Formatter before) {
    handler.setFormatter(before);
    audit.addHandler(handler);
    new AuditFormat().unwrap(new Startup());
    return handler.getFormatter();
  }
}
