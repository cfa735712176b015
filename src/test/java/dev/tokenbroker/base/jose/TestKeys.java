package dev.tokenbroker.base.jose;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Keys by name, made once: making them is slow. */
public final class TestKeys {

  private static final ConcurrentMap<String, TestKey> KEYS = new ConcurrentHashMap<>();

  private TestKeys() {}

  public static TestKey named(String kid) {
    return KEYS.computeIfAbsent(kid, name -> TestKey.generate(name, SigningAlgorithm.EDDSA));
  }
}
