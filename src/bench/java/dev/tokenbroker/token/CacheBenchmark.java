package dev.tokenbroker.token;

import dev.tokenbroker.possession.TokenType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the cache adds to a request: the key of a credential of 800 bytes, and a hit. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CacheBenchmark {

  private record Settings(boolean enabled, long maxWeight, Duration negativeTtl)
      implements CacheSettings {}

  private static final String REVISION = "0".repeat(64);
  private static final String TYPE = "urn:ietf:params:oauth:token-type:jwt";

  private final String credential = "eyJhbGciOiJFUzI1NiJ9".repeat(40);
  private final List<String> scopes = List.of("read", "deploy");
  private final TokenCache<CacheKey, String> cache =
      new TokenCache<>(new Settings(true, 64 << 20, Duration.ofSeconds(10)), CacheKey::scopes);
  private final Instant now = Instant.now();
  private final CacheKey key = key();

  public CacheBenchmark() {
    for (int at = 0; at < 10_000; at++) {
      store(key(CredentialDigest.of("credential " + at)));
    }
    store(key);
  }

  @Benchmark
  public CredentialDigest digest() {
    return CredentialDigest.of(credential);
  }

  @Benchmark
  public CacheKey key() {
    return key(CredentialDigest.of(credential));
  }

  @Benchmark
  public Lookup<String> hit() {
    return cache.find(key, now, (_, _) -> true);
  }

  @Benchmark
  public Lookup<String> keyAndHit() {
    return cache.find(key(), now, (_, _) -> true);
  }

  private CacheKey key(CredentialDigest digest) {
    return CacheKey.of(digest, TYPE, "payments-api", scopes, null, List.of(), REVISION);
  }

  private void store(CacheKey stored) {
    IssuedToken token =
        new IssuedToken(
            "t".repeat(700),
            "id",
            now,
            now.plusSeconds(3600),
            List.of("read"),
            IssuedToken.ACCESS_TOKEN,
            TokenType.BEARER);
    cache.store(stored, token, now.plusSeconds(3600), "rule", now);
  }
}
