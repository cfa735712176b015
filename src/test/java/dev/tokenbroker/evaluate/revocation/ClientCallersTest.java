package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Outcomes;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.credential.RegisteredClient;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientProof.SharedSecret;
import dev.tokenbroker.judge.credential.RegisteredClient.ClientRight;
import dev.tokenbroker.judge.credential.RegisteredClients;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.process.runtime.TestClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
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
