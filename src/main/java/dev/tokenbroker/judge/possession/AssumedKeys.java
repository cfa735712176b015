package dev.tokenbroker.judge.possession;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes keys that nobody proved to hold. A rehearsal tries the demands of targets with them. No
 * token may ever be bound to one, so only {@code operate} may use this class.
 */
public final class AssumedKeys {

  private static final String THUMBPRINT = "assumed";

  private AssumedKeys() {}

  /** The keys of a caller that would have proved these. */
  public static ProvedKeys of(boolean certificate, boolean dpop) {
    @Nullable DpopProof proof =
        dpop ? new DpopProof(THUMBPRINT, null, "", Instant.EPOCH, Instant.MAX) : null;
    return new ProvedKeys(certificate ? THUMBPRINT : null, proof);
  }
}
