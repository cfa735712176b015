package dev.tokenbroker.sts;

import dev.tokenbroker.jose.SignatureProvider;
import dev.tokenbroker.oidc.TestOwnTokens;
import dev.tokenbroker.outbound.GuardSettings;
import dev.tokenbroker.outbound.PeerGuards;
import dev.tokenbroker.outbound.UpstreamClient;
import dev.tokenbroker.outbound.UpstreamClients;
import dev.tokenbroker.outcome.ChangeListener;
import dev.tokenbroker.signing.AssertionMinter;
import dev.tokenbroker.signing.SigningKeys;
import dev.tokenbroker.signing.TestTokenSettings;
import dev.tokenbroker.store.Roster;
import dev.tokenbroker.store.TestStore;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;

/** Upstreams for tests, without the application server. */
public final class TestUpstreams {

  private TestUpstreams() {}

  /** The defaults, for a test to change. */
  public static class Guards implements GuardSettings {
    @Override
    public Duration attemptTimeout() {
      return Duration.ofSeconds(5);
    }

    @Override
    public int maxAttempts() {
      return 3;
    }

    @Override
    public int concurrency() {
      return 32;
    }

    @Override
    public Duration maxWait() {
      return Duration.ofSeconds(1);
    }

    @Override
    public int retryBurst() {
      return 5;
    }

    @Override
    public double retryRatio() {
      return 0.1;
    }

    @Override
    public Duration coolDown() {
      return Duration.ofSeconds(5);
    }

    @Override
    public int circuitFailures() {
      return 5;
    }

    @Override
    public Duration probeInterval() {
      return Duration.ofSeconds(2);
    }

    @Override
    public Duration backOffBase() {
      return Duration.ofMillis(100);
    }

    @Override
    public Duration backOffCap() {
      return Duration.ofSeconds(2);
    }
  }

  /** One attempt for each call; a circuit that stays closed. */
  public static final class OneAttempt extends Guards {

    private final Duration attemptTimeout;

    public OneAttempt(Duration attemptTimeout) {
      this.attemptTimeout = attemptTimeout;
    }

    @Override
    public Duration attemptTimeout() {
      return attemptTimeout;
    }

    @Override
    public int maxAttempts() {
      return 1;
    }

    @Override
    public int circuitFailures() {
      return 1000;
    }

    @Override
    public Duration maxWait() {
      return Duration.ofSeconds(10);
    }
  }

  /** Upstreams that believe lives of up to a day, of a broker with a key of its own. */
  public static Upstreams of(UpstreamClient client, GuardSettings guards, InstantSource clock) {
    TestTokenSettings settings = TestTokenSettings.defaults();
    SigningKeys keys =
        new SigningKeys(settings, SignatureProvider.jdk(), clock, ChangeListener.NONE);
    return of(client, guards, new AssertionMinter(keys, settings, clock), clock);
  }

  /** Upstreams that get JWTs of that minter. */
  public static Upstreams of(
      UpstreamClient client,
      GuardSettings guards,
      AssertionMinter assertions,
      InstantSource clock) {
    Roster alone = new Roster(false, new TestStore(), clock, System::nanoTime);
    return new Upstreams(
        client,
        new PeerGuards(guards, alone),
        () -> Duration.ofHours(24),
        assertions,
        TestOwnTokens.broker(guards),
        clock,
        ChangeListener.NONE);
  }

  /** An upstream with a public client and a declared endpoint. */
  public static UpstreamDefinition at(URI tokenEndpoint) {
    return at(
        tokenEndpoint,
        UpstreamGrant.TOKEN_EXCHANGE,
        new ClientAuthentication.NoAuthentication("broker"));
  }

  static UpstreamDefinition at(
      URI tokenEndpoint, UpstreamGrant grant, ClientAuthentication authentication) {
    return new UpstreamDefinition("corp-sso", null, tokenEndpoint, grant, authentication, null);
  }

  /** For tests that make an upstream and ask it for nothing. */
  public static Upstream of(UpstreamDefinition definition) {
    return of(Idle.CLIENT, new Guards(), InstantSource.system()).of(definition);
  }

  private static final class Idle {
    private static final UpstreamClient CLIENT =
        UpstreamClients.loopback(Vertx.vertx(), Duration.ofSeconds(1));
  }
}
