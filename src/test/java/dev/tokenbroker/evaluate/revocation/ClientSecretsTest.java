package dev.tokenbroker.evaluate.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.outcome.Deadline;
import dev.tokenbroker.base.outcome.Outcome;
import dev.tokenbroker.base.outcome.Outcomes;
import dev.tokenbroker.base.outcome.RefusalReason;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.evaluate.revocation.CallerAccess.FailedAttempts;
import dev.tokenbroker.evaluate.revocation.CallerAccess.KnownCaller;
import dev.tokenbroker.issue.signing.TestTokens;
import dev.tokenbroker.judge.possession.Nonces;
import dev.tokenbroker.judge.possession.PresentedKeys;
import dev.tokenbroker.judge.possession.ProofVerifier;
import dev.tokenbroker.judge.possession.TestDpopSettings;
import dev.tokenbroker.judge.possession.UsedProofs;
import dev.tokenbroker.peers.store.ChosenStore;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSecretsTest {

  private static final String SECRET = "0123456789abcdef0123456789.ABC-_";
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  @TempDir Path directory;
  private CallerAccess access;

  @BeforeEach
  void listOneClient() throws IOException {
    TestClock clock = new TestClock();
    TestDpopSettings dpop = TestDpopSettings.defaults();
    access =
        new CallerAccess(
            new TestTokens(clock).brokerTokens(),
            new ProofVerifier(
                dpop,
                new Nonces(dpop, clock),
                SignatureProvider.jdk(),
                new UsedProofs(dpop, ChosenStore.empty(), Clocks.system()),
                clock),
            new TestAccess(
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of(entry("gateway", SECRET + "\n"))),
                Optional.empty()));
  }

  @Test
  void count_the_wrong_secrets_of_each_listed_client_and_of_all_others_together() {
    admit(ClientSecrets.header("gateway", "wrong"), Right.INTROSPECT, "192.0.2.1");
    admit(ClientSecrets.header("gateway", SECRET), Right.INTROSPECT, "192.0.2.1");
    admit(ClientSecrets.header("gate\nway", "wrong"), Right.INTROSPECT, "192.0.2.2");
    admit("Basic !", Right.INTROSPECT, "192.0.2.3");

    assertThat(access.failures()).hasSize(2);
    assertThat(access.failures().get("gateway")).hasToString("1");
    assertThat(access.failures().get("(unlisted)")).hasToString("2");
  }

  @Test
  void admit_a_client_by_its_secret_for_the_right_that_lists_it() {
    String header = ClientSecrets.header("gateway", SECRET);

    assertThat(admit(header, Right.INTROSPECT, "192.0.2.1"))
        .isEqualTo(Outcome.accepted(new KnownCaller(null, null, "gateway", null)));
    assertThat(admit(header.replace("Basic", "bAsIc"), Right.INTROSPECT, "192.0.2.1"))
        .isInstanceOf(Outcome.Accepted.class);
    assertThat(reason(header, Right.REVOKE)).isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    assertThat(reason(header, Right.OPERATE)).isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
  }

  /** RFC 6749 section 2.3.1; openid-client encodes whatever is no letter and no digit. */
  @Test
  void admit_a_client_that_encodes_its_secret_as_a_form() {
    String encoded = SECRET.replace(".", "%2E").replace("-", "%2d").replace("_", "%5F");
    String header = ClientSecrets.header("%67ateway", encoded);

    assertThat(admit(header, Right.INTROSPECT, "192.0.2.1")).isInstanceOf(Outcome.Accepted.class);
  }

  @Test
  void refuse_a_secret_that_is_badly_encoded() {
    for (String wrong : List.of(SECRET + "%", SECRET + "%2", SECRET + "%zz", SECRET + "+")) {
      assertThat(reason(ClientSecrets.header("gateway", wrong), Right.INTROSPECT))
          .as(wrong)
          .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic ",
        "Basic !",
        "Basic Z2F0ZXdheQ==",
        "Basic Z2F0ZXdheTo=",
        "Basic OjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5LkFCQy1f",
        "Basic bm9ib2R5Og==",
        "Basic Og=="
      })
  void refuse_every_other_header(String header) {
    assertThat(reason(header, Right.INTROSPECT)).isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
  }

  @Test
  void admit_the_right_secret_after_any_number_of_wrong_ones_from_its_address() {
    exhaust("gateway", "192.0.2.1");

    assertThat(admit(ClientSecrets.header("gateway", SECRET), Right.INTROSPECT, "192.0.2.1"))
        .isInstanceOf(Outcome.Accepted.class);
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
    exhaust("gateway", "192.0.2.1");
    exhaust("gateway", "2001:db8:1:2::1");

    assertThat(
            Outcomes.reason(
                admit(ClientSecrets.header(client, "wrong"), Right.INTROSPECT, address)))
        .isEqualTo(last);
  }

  @Test
  void count_all_unlisted_ids_as_one_client() {
    for (int attempt = 0; attempt < FailedAttempts.MOST; attempt++) {
      assertThat(reason(ClientSecrets.header("id" + attempt, SECRET), Right.INTROSPECT))
          .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    }

    assertThat(reason(ClientSecrets.header("another", SECRET), Right.INTROSPECT))
        .isEqualTo(RefusalReason.AUTHENTICATION_RATE_LIMITED);
  }

  private void exhaust(String client, String address) {
    for (int attempt = 0; attempt < FailedAttempts.MOST; attempt++) {
      assertThat(
              Outcomes.reason(
                  admit(ClientSecrets.header(client, SECRET + "x"), Right.INTROSPECT, address)))
          .isEqualTo(RefusalReason.CALLER_UNAUTHENTICATED);
    }
  }

  @Test
  void name_what_is_wrong_with_a_setting_and_never_a_secret() throws IOException {
    ClientSecrets broken =
        ClientSecrets.of(
            Optional.of(
                List.of(
                    "gateway",
                    "a b=" + directory,
                    "missing=" + directory.resolve("none"),
                    entry("short", SECRET.substring(1)),
                    entry("odd", SECRET + "~"),
                    entry("twice", SECRET),
                    entry("twice", SECRET))));

    assertThat(broken.problems()).hasSize(6).noneMatch(problem -> problem.contains(SECRET));
    assertThat(broken.toString()).doesNotContain(SECRET);
  }

  private String entry(String id, String content) throws IOException {
    return id + "=" + Files.writeString(directory.resolve(id), content);
  }

  private RefusalReason reason(String authorization, Right right) {
    return Outcomes.reason(admit(authorization, right, "192.0.2.1"));
  }

  private Outcome<KnownCaller> admit(String authorization, Right right, String peer) {
    return access.admit(
        new PresentedCaller(authorization, PresentedKeys.NONE, "http", peer), right, DEADLINE);
  }
}
