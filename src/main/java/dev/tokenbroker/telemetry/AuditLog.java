package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeObserver;
import dev.tokenbroker.exchange.ExchangeRecord;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation to the log category {@value #CATEGORY} at INFO.
 *
 * <p>The line is handed to the log handlers before the answer is sent; a handler that is not
 * asynchronous has then written it. The message is the JSON object and nothing else.
 */
@Singleton
public final class AuditLog implements ExchangeObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Logger AUDIT = Logger.getLogger(CATEGORY);
  private static final Logger LOG = Logger.getLogger(AuditLog.class);

  @Override
  public void ended(ExchangeRecord record) {
    if (AUDIT.isInfoEnabled()) {
      AUDIT.info(AuditLine.of(record));
    }
  }

  void started(@Observes Startup event) {
    if (!AUDIT.isInfoEnabled()) {
      LOG.warnf(
          "Exchanges leave no audit record: quarkus.log.category.\"%s\".level is above INFO",
          CATEGORY);
    }
  }
}
