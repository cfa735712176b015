package dev.tokenbroker.bench;

import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.judge.credential.CredentialParsing;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.policy.Grant;
import java.security.GeneralSecurityException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Verify, decide and mint, each alone and together, beside the bare ES256 operations that no
 * exchange can do without.
 *
 * <p>Read the results as ratios within one run: {@code exchangeWhole / (bareEs256Verify +
 * bareEs256Sign)} is what the broker adds, whatever the machine.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class ExchangeBenchmark {

  /** Who makes and checks signatures, in the bare operations and in the broker. */
  @Param({"aws-lc", "jdk"})
  public String provider = "";

  private @Nullable Subject subject;

  /** What is measured, with one provider. */
  private record Subject(BareEs256 bare, Broker broker, VerifiedIdentity identity, Grant grant) {

    static Subject by(String provider) throws GeneralSecurityException {
      Broker broker = new Broker(CryptoChoice.broker(provider));
      // What is refused is fast: a benchmark of it would flatter.
      VerifiedIdentity identity = accepted(broker.verify(new Trail()));
      Grant grant = accepted(broker.decide(identity, new Trail()));
      accepted(broker.exchange());
      return new Subject(new BareEs256(CryptoChoice.bare(provider)), broker, identity, grant);
    }
  }

  @Setup
  public void prepare() throws GeneralSecurityException {
    subject = Subject.by(provider);
  }

  @Benchmark
  public boolean bareEs256Verify() throws GeneralSecurityException {
    return subject().bare().verify();
  }

  @Benchmark
  public byte[] bareEs256Sign() throws GeneralSecurityException {
    return subject().bare().sign();
  }

  @Benchmark
  public Outcome<?> parseCredential() {
    return CredentialParsing.parse(subject().broker().compact());
  }

  @Benchmark
  public Outcome<VerifiedIdentity> verifyCredential() {
    return subject().broker().verify(new Trail());
  }

  @Benchmark
  public Outcome<Grant> decide() {
    return subject().broker().decide(subject().identity(), new Trail());
  }

  @Benchmark
  public Outcome<IssuedToken> mint() {
    return subject().broker().mint(subject().grant());
  }

  @Benchmark
  public Outcome<IssuedToken> exchangeWhole() {
    return subject().broker().exchange();
  }

  private Subject subject() {
    return Objects.requireNonNull(subject, "JMH prepares it");
  }

  private static <T> T accepted(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Accepted<T>(T value) -> value;
      case Outcome.Refused<T> refused -> throw new IllegalStateException(refused.toString());
    };
  }
}
