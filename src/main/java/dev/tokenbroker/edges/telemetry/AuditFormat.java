package dev.tokenbroker.edges.telemetry;

import io.quarkus.logging.json.runtime.JsonFormatter;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;

/**
 * Keeps the audit log's own format when the other logs are written as JSON. Quarkus then makes
 * every handler wrap its lines, but a line of the audit log is already a JSON object.
 */
@Singleton
final class AuditFormat {

  private static final String MESSAGE_ALONE = "%s%n";

  void unwrap(@Observes Startup event) {
    for (Handler handler : Logger.getLogger(AuditLog.CATEGORY).getHandlers()) {
      if (handler.getFormatter() instanceof JsonFormatter) {
        handler.setFormatter(new PatternFormatter(MESSAGE_ALONE));
      }
    }
  }
}
