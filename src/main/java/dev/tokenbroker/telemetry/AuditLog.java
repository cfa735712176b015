package dev.tokenbroker.telemetry;

import dev.tokenbroker.exchange.ExchangeObserver;
import dev.tokenbroker.exchange.ExchangeRecord;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/**
 * Writes exactly one line for each evaluation to the log category {@value #CATEGORY} at INFO.
 *
 * <p>The line is handed to the log handlers before the answer is sent; a handler that is not
 * asynchronous has then written it. The message is the JSON object and nothing else.
 *
 * <p>The start is refused where the category takes no lines at INFO. Should its level be raised
 * later, each record fails rather than be dropped, so that nothing is issued unrecorded.
 */
@Singleton
public final class AuditLog implements ExchangeObserver {

  /** The log category; route it to a handler of its own, with a format of just the message. */
  public static final String CATEGORY = "dev.tokenbroker.audit";

  private static final Logger AUDIT = Logger.getLogger(CATEGORY);

  @Override
  public void ended(ExchangeRecord record) {
    if (!AUDIT.isInfoEnabled()) {
      throw new IllegalStateException(CATEGORY + " takes no lines at INFO");
    }
    AUDIT.info(AuditLine.of(record));
  }
}
