package dev.tokenbroker.devissuer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a newcomer tries, against the whole broker in test mode with the sample federation. */
@QuarkusTest
@QuarkusTestResource(value = SampleBroker.class, restrictToAnnotatedClass = true)
class FirstMinutesLiveTest {

  @SuppressWarnings("NullAway.Init") // set by Quarkus
  @TestHTTPResource(DevIssuer.PATH)
  URI issuer;

  @Test
  void the_sound_credential_is_exchanged() throws Exception {
    assertThat(tried(""))
        .contains("ANSWER  OK, a token was issued")
        .contains("dev:acme/payments")
        .contains("VERDICT  accepted")
        .contains("deploy-payments");
  }

  @Test
  void an_operator_gets_a_token_for_the_broker_itself() throws Exception {
    assertThat(tried("?sub=dev-operator&target=token-broker"))
        .contains("ANSWER  OK, a token was issued")
        .contains("scopes       operate");
  }

  @ParameterizedTest
  @EnumSource
  void each_flaw_is_refused_for_its_reason(Flaw flaw) throws Exception {
    String text = tried("?flaw=" + flaw.label());

    // The keys may just have been fetched, for another case or at the start.
    String reason =
        flaw == Flaw.UNKNOWN_KEY
            ? "(%s|%s)".formatted(flaw.expected(), RefusalReason.KEY_REFETCH_COOLING_DOWN)
            : flaw.expected().name();
    assertThat(text).containsPattern("reason +" + reason + " \\(tokenbroker.dev\\)");
    assertThat(text).contains("VERDICT  refused");
  }

  @Test
  void refuses_an_unknown_target_and_a_scope_that_is_not_granted() throws Exception {
    assertThat(tried("?target=nowhere")).contains("TARGET_UNKNOWN");
    assertThat(tried("?scope=read&scope=admin")).contains("SCOPE_NOT_GRANTED");
  }

  @Test
  void a_flaw_that_does_not_exist_is_answered_with_those_that_do() throws Exception {
    HttpResponse<String> response = get("/credential?flaw=nonsense");

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains(Flaw.list());
  }

  /** Waits out that the broker may have asked for our keys before its own port was open. */
  private String tried(String query) throws Exception {
    Deadline patience = Deadline.after(Duration.ofSeconds(30));
    while (true) {
      HttpResponse<String> response = get("/try" + query);
      assertThat(response.statusCode()).isEqualTo(200);
      boolean early = response.body().contains(RefusalReason.KEYS_UNREACHABLE.name());
      if (!early || patience.hasPassed()) {
        return response.body();
      }
      LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
    }
  }

  private HttpResponse<String> get(String pathAndQuery) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(issuer + pathAndQuery))
              .timeout(Duration.ofSeconds(40))
              .build(),
          BodyHandlers.ofString());
    }
  }
}
