package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.jose.TestKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.credential.ClientAuthenticator;
import dev.tokenbroker.judge.credential.PresentedClient;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.OwnKeys;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.credential.TestCredential;
import dev.tokenbroker.judge.credential.TestIssuers;
import dev.tokenbroker.judge.credential.TestKeys;
import dev.tokenbroker.judge.issuer.KeySetSource;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registered clients that introspect and revoke. */
class ClientCallersTest {

  private static final String SECRET = "0123456789abcdef0123456789.ABC-_";
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final CallerAccess access =
      TestAccess.access(
          new TestTokens(new TestClock()).brokerTokens(),
          RegisteredClients.of(
              List.of(
                  client("gateway", false, ClientRight.INTROSPECT),
                  client("exchanger", false, ClientRight.EXCHANGE),
                  client("off", true, ClientRight.INTROSPECT, ClientRight.REVOKE))));

  private static RegisteredClient client(String name, boolean disabled, ClientRight... may) {
    SharedSecret secret = new SharedSecret(Path.of(name), SECRET.getBytes(StandardCharsets.UTF_8));
    return new RegisteredClient(name, secret, Set.of(may), disabled);
  }

  @Test
  void admit_a_client_by_its_secret_for_its_rights_alone() {
    String header = basic("gateway", SECRET);

    assertThat(admit(header, Right.INTROSPECT, "192.0.2.1"))
        .isEqualTo(Outcome.accepted(new KnownCaller(null, "gateway", null)));
    assertThat(admit(header.replace("Basic", "bAsIc"), Right.INTROSPECT, "192.0.2.1"))
        .isInstanceOf(Outcome.Accepted.class);
    assertThat(admit(basic("%67ateway", SECRET.replace(".", "%2E")), Right.INTROSPECT, ""))
        .isInstanceOf(Outcome.Accepted.class);
    assertThat(reason(header, Right.REVOKE)).isEqualTo(RefusalReason.CALLER_NOT_PERMITTED);
    assertThat(reason(header, Right.OPERATE)).isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(reason(basic("exchanger", SECRET), Right.INTROSPECT))
        .isEqualTo(RefusalReason.CALLER_NOT_PERMITTED);
    assertThat(reason(basic("off", SECRET), Right.REVOKE)).isEqualTo(RefusalReason.CLIENT_DISABLED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Basic ",
        "Basic !",
        "Basic Z2F0ZXdheQ==",
        "Basic Z2F0ZXdheTo=",
        "Basic OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5LkFCQy1f",
        "Basic bm9ib2R5Og==",
        "Basic Og==",
        "Digest x"
      })
  void refuse_every_other_header(String header) {
    assertThat(reason(header, Right.INTROSPECT)).isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
  }

  @ParameterizedTest
  @CsvSource({
    "gateway, 192.0.2.1, AUTHENTICATION_RATE_LIMITED",
    "gateway, 192.0.2.2, CALLER_UNAUTHENTICATED",
    "other, 192.0.2.1, CALLER_UNAUTHENTICATED",
    "gateway, 2001:db8:1:2:ffff::9, AUTHENTICATION_RATE_LIMITED",
    "gateway, 2001:db8:1:3::1, CALLER_UNAUTHENTICATED"
  })
  void limit_wrong_secrets_by_client_and_block_of_addresses(
      String client, String address, RefusalReason last) {
    for (int attempt = 0; attempt < 20; attempt++) {
      for (String from : List.of("192.0.2.1", "2001:db8:1:2::1")) {
        assertThat(Outcomes.reason(admit(basic("gateway", "x"), Right.INTROSPECT, from)))
            .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
      }
    }

    assertThat(Outcomes.reason(admit(basic(client, "wrong"), Right.INTROSPECT, address)))
        .isEqualTo(last);
    assertThat(admit(basic("gateway", SECRET), Right.INTROSPECT, "192.0.2.1"))
        .isInstanceOf(Outcome.Accepted.class);
  }

  @Test
  void count_all_unlisted_ids_as_one_client() {
    for (int attempt = 0; attempt < 20; attempt++) {
      assertThat(reason(basic("id" + attempt, SECRET), Right.INTROSPECT))
          .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    }

    assertThat(reason(basic("another", SECRET), Right.INTROSPECT))
        .isEqualTo(RefusalReason.AUTHENTICATION_RATE_LIMITED);
  }

  @Test
  void use_up_no_assertion_of_a_call_that_the_bulkhead_rejects() {
    TestKey key = TestKey.fast("k-1");
    CallerAccess signers = signers(TestKeys.of(key));
    PresentedCaller caller = signing(key);

    signers.admitted(caller, Right.INTROSPECT, CallerAccess.NO_TOKEN, DEADLINE);
    assertThat(signers.admitted(caller, Right.INTROSPECT, CallerAccess.NO_TOKEN, DEADLINE).get())
        .isEqualTo(Outcome.accepted(new KnownCaller(null, "signer", null)));
    assertThat(
            Outcomes.reason(
                signers.admitted(caller, Right.INTROSPECT, CallerAccess.NO_TOKEN, DEADLINE).get()))
        .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
  }

  @Test
  void meet_a_bug_of_the_check_inside_the_bulkhead() {
    TestKey key = TestKey.fast("k-1");
    KeySetSource broken =
        (KeySetSource)
            Proxy.newProxyInstance(
                KeySetSource.class.getClassLoader(),
                new Class<?>[] {KeySetSource.class},
                (_, _, _) -> Unchecked.raise(new IllegalStateException("a bug")));
    List<String> results = new ArrayList<>();
    LifecycleObservers observers =
        TestObservers.of(
            new LifecycleObserver() {
              @Override
              public void ended(Right right, String result) {
                results.add(result);
              }
            });

    Supplier<Outcome<KnownCaller>> admitted =
        signers(broken).admitted(signing(key), Right.INTROSPECT, CallerAccess.NO_TOKEN, DEADLINE);

    assertThatThrownBy(() -> observers.observed(Right.INTROSPECT, admitted, KnownCaller::name))
        .hasMessage("a bug");
    assertThat(results).containsExactly("internal_error");
  }

  private static CallerAccess signers(KeySetSource keys) {
    return TestAccess.access(
        new TestTokens(new TestClock()).brokerTokens(),
        RegisteredClients.of(
            List.of(
                new RegisteredClient(
                    "signer",
                    new OwnKeys(TestIssuers.client("signer", keys)),
                    Set.of(ClientRight.INTROSPECT),
                    false))));
  }

  private static PresentedCaller signing(TestKey key) {
    Instant now = Instant.now();
    String assertion =
        TestCredential.of(key)
            .claim("iss", "signer")
            .claim("sub", "signer")
            .claim("aud", "https://broker.test")
            .claim("iat", now.getEpochSecond())
            .claim("exp", now.plusSeconds(60).getEpochSecond())
            .claim("jti", "once")
            .without("nbf")
            .sign();
    return new PresentedCaller(
        "",
        PresentedKeys.NONE,
        "http",
        "192.0.2.1",
        new PresentedClient("", null, assertion, ClientAuthenticator.JWT_BEARER, false));
  }

  private static String basic(String id, String secret) {
    byte[] pair = (id + ":" + secret).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private RefusalReason reason(String authorization, Right right) {
    return Outcomes.reason(admit(authorization, right, "192.0.2.1"));
  }

  private Outcome<KnownCaller> admit(String authorization, Right right, String peer) {
    return access.admit(
        new PresentedCaller(authorization, PresentedKeys.NONE, "http", peer), right, DEADLINE);
  }
}
