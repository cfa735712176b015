package dev.tokenbroker.operate.candidate;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Claims that count how often they are read, and that can break down. */
final class CountedClaims extends AbstractMap<String, Object> {

  private final Map<String, Object> claims;
  private final AtomicInteger reads = new AtomicInteger();
  private volatile boolean broken;

  CountedClaims(Map<String, Object> claims) {
    this.claims = Map.copyOf(claims);
  }

  void breakDown() {
    broken = true;
  }

  int reads() {
    return reads.get();
  }

  private Map<String, Object> read() {
    reads.incrementAndGet();
    if (broken) {
      throw new IllegalStateException("claims of a test");
    }
    return claims;
  }

  @Override
  public Set<Map.Entry<String, Object>> entrySet() {
    return read().entrySet();
  }

  @Override
  public @Nullable Object get(Object key) {
    return read().get(key);
  }

  @Override
  public boolean containsKey(Object key) {
    return read().containsKey(key);
  }
}
