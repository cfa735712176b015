package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.federation.document.BadgeField;
import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.RefreshPoint;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.judge.target.Badge;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.TestClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A kind of target that is only its three parts: {@link Badge}, {@link
 * dev.tokenbroker.issue.badge.BadgeKind} and {@link BadgeField}.
 */
class InventedKindTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(11);
  private static final String CREDENTIAL = ISSUER.credential("acme/payments");
  private static final String KEY = "k".repeat(32);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @AutoClose private static final Vertx VERTX = Vertx.vertx();

  @TempDir Path directory;
  private final TestClock clock = new TestClock();

  @Test
  void issues_tokens_by_its_own_protocol() throws Exception {
    try (FakeServer door = FakeServer.start(_ -> Reply.json(200, "{\"badge\": \"b-1\"}"))) {
      Exchanged ended = ask(door, "outliveCredential: true");

      IssuedToken token = Endings.token(ended);
      assertThat(token.value()).isEqualTo("b-1");
      assertThat(token.expireTime()).isEqualTo(clock.instant().plus(Badge.LIFE));
      assertThat(RefreshPoint.refreshTime(token, clock.instant(), new Random(1)))
          .isBetween(
              clock.instant().plus(Duration.ofMinutes(12)),
              clock.instant().plus(Duration.ofMinutes(14)));
      assertThat(ended.verdict().notes()).contains("The badge is to open the zones yard.");
      FakeServer.Request sent = door.requests().getFirst();
      assertThat(sent.body()).isEqualTo("{\"zones\":[\"yard\"]}");
      assertThat(sent.headers()).containsEntry("x-signature", signature(sent.body()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "429, UPSTREAM_THROTTLED",
    "403, UPSTREAM_NOT_PERMITTED",
  })
  void refuses_by_reasons_that_exist(int status, RefusalReason reason) throws Exception {
    try (FakeServer door = FakeServer.start(_ -> Reply.json(status, "{}"))) {
      Exchanged ended = ask(door, "outliveCredential: true");

      assertThat(ended.verdict().reason()).isEqualTo(reason);
    }
  }

  @Test
  void its_fixed_life_must_be_allowed_by_rules() throws Exception {
    try (FakeServer door = FakeServer.start(_ -> Reply.json(200, "{}"))) {
      assertThat(load(door, "disabled: false").toString())
          .contains("tokens for door live for 20 minutes, whatever is left of the credential");
    }
  }

  private Exchanged ask(FakeServer door, String rule) throws IOException {
    LoadResult.Loaded loaded = (LoadResult.Loaded) load(door, rule);
    return TestExchange.exchange(
        TestExchange.by(loaded.federation(), clock, List.of()).build(),
        request("door", CREDENTIAL));
  }

  private LoadResult load(FakeServer door, String rule) throws IOException {
    Files.writeString(directory.resolve("badge.key"), KEY);
    String issuers = ISSUER.federation();
    Path file =
        Files.writeString(
            directory.resolve("federation.yaml"),
            """
            %s
            targets:
              - audience: door
                badge: {address: '%s/', keyFile: badge.key, zones: [hall, yard]}
            rules:
              - {name: enter, issuer: acme, audience: door, when: 'true', scopes: [yard], %s}
            """
                .formatted(issuers.substring(0, issuers.indexOf("targets:")), door.origin(), rule));
    return BadgeField.loader(
            TestUpstreams.of(
                    PeerClients.loopback(VERTX, PATIENCE),
                    TestUpstreams.oneAttempt(PATIENCE),
                    clock)
                ::of,
            clock)
        .load(file);
  }

  private static String signature(String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(KEY.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
  }
}
