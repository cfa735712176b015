package dev.tokenbroker.bench;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.evaluate.exchange.HeldTokens;
import dev.tokenbroker.evaluate.exchange.admission.CredentialDigest;
import dev.tokenbroker.evaluate.exchange.evaluation.CacheKey;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
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

  private static final int HELD = 10_000;

  private final String credential = "eyJhbGciOiJFUzI1NiJ9".repeat(40);
  private final HeldTokens held = held();
  private final CacheKey key = held.key(credential);

  private static HeldTokens held() {
    Broker broker = new Broker(SignatureProvider.jdk());
    VerifiedIdentity identity = accepted(broker.verify(new Trail()));
    Grant grant = accepted(broker.decide(identity, new Trail()));
    return new HeldTokens(identity, grant, accepted(broker.mint(grant)));
  }

  public CacheBenchmark() {
    for (int at = 0; at < HELD; at++) {
      held.hold("credential " + at);
    }
    held.hold(credential);
  }

  @Benchmark
  public CredentialDigest digest() {
    return CredentialDigest.of(credential);
  }

  @Benchmark
  public CacheKey key() {
    return held.key(credential);
  }

  @Benchmark
  public Object hit() {
    return held.hit(key);
  }

  @Benchmark
  public Object keyAndHit() {
    return held.hit(key());
  }

  private static <T> T accepted(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Accepted<T>(T value) -> value;
      case Outcome.Refused<T> refused -> throw new IllegalStateException(refused.toString());
    };
  }
}
