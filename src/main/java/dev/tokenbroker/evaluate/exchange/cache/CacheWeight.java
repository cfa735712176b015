package dev.tokenbroker.evaluate.exchange.cache;

import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a cache entry, in bytes: the length of its token, and {@value #OVERHEAD_BYTES}.
 * Each scope of the token and of its key adds {@value #SCOPE_BYTES} and its length; each finding of
 * a shadow rule adds {@value #SHADOW_BYTES}. Kept claims add their size.
 */
public final class CacheWeight {

  /** The weight of the key, the entry, its provenance, and the steps of a hit. */
  static final int OVERHEAD_BYTES = 1536;

  static final int SCOPE_BYTES = 56;

  /** The weight of a finding: its rule's name belongs to the federation. */
  static final int SHADOW_BYTES = 32;

  /** The weight of a value in claims: a reference, and the object without its content. */
  public static final int VALUE_BYTES = 40;

  private CacheWeight() {}

  public static int of(CacheKey key, @Nullable KeptToken kept) {
    int bytes = OVERHEAD_BYTES + of(key.scopes());
    return kept == null
        ? bytes
        : bytes
            + kept.token().value().length()
            + of(kept.token().scopes())
            + kept.shadows().size() * SHADOW_BYTES
            + kept.claimBytes();
  }

  /** The estimated memory of claims, in bytes; never zero. */
  public static int of(Map<String, Object> claims) {
    return ofValue(claims);
  }

  private static int ofValue(Object value) {
    int bytes = VALUE_BYTES;
    switch (value) {
      case String text -> bytes += text.length();
      case List<?> list -> {
        for (Object each : list) {
          bytes += ofValue(each);
        }
      }
      case Map<?, ?> map -> {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          bytes += ofValue(entry.getKey()) + ofValue(entry.getValue());
        }
      }
      default -> {}
    }
    return bytes;
  }

  private static int of(List<String> scopes) {
    int bytes = 0;
    for (String scope : scopes) {
      bytes += SCOPE_BYTES + scope.length();
    }
    return bytes;
  }
}
