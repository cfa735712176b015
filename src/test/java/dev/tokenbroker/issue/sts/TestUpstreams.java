package dev.tokenbroker.issue.sts;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.peers.guard.GuardSettings;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.guard.PeerGuards;
import dev.tokenbroker.peers.http.Origin;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.peers.oauth.TestOwnTokens;
import dev.tokenbroker.peers.store.Roster;
import dev.tokenbroker.peers.store.TestStore;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Upstreams for tests, without the application server. */
public final class TestUpstreams {

  private TestUpstreams() {}

  /** One attempt for each call; a circuit that stays closed. */
  public static GuardValues oneAttempt(Duration timeout) {
    return GuardValues.defaults()
        .withAttempts(1, timeout)
        .withPlaces(32, Duration.ofSeconds(10))
        .withCircuit(1000, Duration.ofSeconds(2));
  }

  /** Upstreams that believe lives of up to a day, of a broker with a key of its own. */
  public static Upstreams of(PeerClient client, GuardSettings guards, InstantSource clock) {
    TestTokenSettings settings = TestTokenSettings.defaults();
    SigningKeys keys =
        new SigningKeys(
            settings, SignatureProvider.jdk(), TestClocks.of(clock), ChangeListener.NONE);
    return of(client, guards, new JwtMinter(keys, settings, clock), clock);
  }

  /** Upstreams that get JWTs of that minter. */
  public static Upstreams of(
      PeerClient client, GuardSettings guards, JwtMinter assertions, InstantSource clock) {
    return of(client, guards, assertions, ChangeListener.NONE, TestClocks.of(clock));
  }

  /** Upstreams that call nothing. */
  public static Upstreams of(GuardSettings guards, InstantSource clock) {
    return of(Idle.CLIENT, guards, clock);
  }

  /** The same, with that listener. */
  public static Upstreams of(
      PeerClient client,
      GuardSettings guards,
      JwtMinter assertions,
      ChangeListener changes,
      Clocks clock) {
    Roster alone = new Roster(false, new TestStore(), clock);
    return new Upstreams(
        client,
        new PeerGuards(guards, alone, clock),
        () -> Duration.ofHours(24),
        assertions,
        TestOwnTokens.broker(guards),
        clock,
        changes);
  }

  /** An upstream with a public client and a declared endpoint. */
  public static UpstreamDefinition at(URI tokenEndpoint) {
    return at(
        tokenEndpoint,
        UpstreamGrant.TOKEN_EXCHANGE,
        new ClientAuthentication.NoAuthentication("broker"));
  }

  /** An upstream with a declared endpoint. */
  public static UpstreamDefinition at(
      URI tokenEndpoint, UpstreamGrant grant, ClientAuthentication authentication) {
    return of(null, tokenEndpoint, grant, authentication, null);
  }

  /** An upstream with a declared endpoint, or with an issuer whose discovery document has it. */
  static UpstreamDefinition of(
      @Nullable String issuer,
      @Nullable URI tokenEndpoint,
      UpstreamGrant grant,
      ClientAuthentication authentication,
      @Nullable String tls) {
    return new UpstreamDefinition(
        "corp-sso", issuer, tokenEndpoint, Set.of(), sts(grant, authentication), tls);
  }

  /** An upstream with an issuer whose discovery document has the endpoint. */
  static UpstreamDefinition of(
      String issuer, Set<Origin> tokenOrigins, ClientAuthentication authentication) {
    return new UpstreamDefinition(
        "corp-sso",
        issuer,
        null,
        tokenOrigins,
        sts(UpstreamGrant.TOKEN_EXCHANGE, authentication),
        null);
  }

  /** A security token service that takes forms and no actor. */
  public static StsKind sts(UpstreamGrant grant, ClientAuthentication authentication) {
    return new StsKind(grant, authentication, RequestEncoding.FORM, null);
  }

  /** For tests that make an upstream and ask it for nothing. */
  public static Upstream of(UpstreamDefinition definition) {
    return of(Idle.CLIENT, GuardValues.defaults(), InstantSource.system()).of(definition);
  }

  private static final class Idle {
    private static final PeerClient CLIENT =
        PeerClients.loopback(Vertx.vertx(), Duration.ofSeconds(1));
  }
}
