package dev.tokenbroker.edges.http.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.judge.possession.PresentedKeys;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Forms, addresses and headers of all grants, changed as accidents and attackers do. */
@Tag("drawn")
class TokenFormFuzzTest {

  private static final int MUTATIONS = Integer.getInteger("fuzz.forms.mutations", 200);
  private static final long SEED = Long.getLong("fuzz.seed", 20261130L);
  private static final String SECRET = "s3cr3t-credential";

  private static final List<String> PIECES =
      List.of(
          "&",
          "=",
          "%",
          "%00",
          "%zz",
          "%C3%28",
          "+",
          "#",
          "?",
          ";",
          "\u00e9",
          "\u0000",
          "&&",
          "==",
          "client_id=a",
          "client_secret=" + SECRET,
          "client_assertion=" + SECRET,
          "scope=+",
          "grant_type=client_credentials",
          "subject_token=" + SECRET,
          "assertion=" + SECRET,
          "audience=orders",
          "resource=https%3A%2F%2Fa.example",
          "resource=%23",
          "client_assertion_type=urn%3Ax",
          "requested_token_type=x",
          "actor_token=" + SECRET);

  private static final List<String> HEADERS =
      List.of("", "", "Basic", "Basic YTpi", "Basic ====", "Basic Og==", "Bearer " + SECRET, "\"");

  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void reads_or_refuses_each_form_and_shows_no_credential() {
    System.out.printf("TokenFormFuzzTest: %d mutations, seed %d%n", MUTATIONS, SEED);
    List<String> valid =
        List.of(
            TokenClient.clientOf(SECRET).encoded(),
            TokenClient.clientOf(SECRET).add("client_id", "me").encoded(),
            TokenClient.exchangeOf(SECRET).encoded(),
            TokenClient.assertionOf(SECRET).encoded());
    int wellFormed = 0;
    for (int at = 0; at < MUTATIONS; at++) {
      String form = mutated(pick(valid));
      String query = random.nextInt(3) == 0 ? mutated("audience=payments-api") : "";
      String header = random.nextInt(4) == 0 ? pick(HEADERS) : "";
      String which = "mutation " + at + " of seed " + SEED + ": " + form + " ? " + query;

      Outcome<TokenRequest> read = TokenRequestReader.read(received(form, query, header));

      if (read instanceof Outcome.Accepted<TokenRequest>(TokenRequest request)
          && request.exchange().misread().isEmpty()) {
        wellFormed++;
        assertThat(header).as(which).matches("|Basic [A-Za-z0-9+/=]+");
        assertThat(request.exchange().client().byCredential())
            .as(which)
            .isEqualTo(request.grant() == GrantType.CLIENT_CREDENTIALS);
      }
      if (read instanceof Outcome.Refused<TokenRequest>) {
        assertThat(read.toString()).as(which).doesNotContain(SECRET);
      }
    }
    assertThat(wellFormed).isBetween(MUTATIONS / 50, MUTATIONS * 9 / 10);
  }

  private String mutated(String text) {
    String mutant = text;
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      int from = random.nextInt(mutant.length() + 1);
      int to = Math.min(mutant.length(), from + random.nextInt(6));
      mutant =
          switch (random.nextInt(3)) {
            case 0 -> mutant + "&" + pick(PIECES);
            case 1 -> mutant.substring(0, from) + pick(PIECES) + mutant.substring(from);
            default -> mutant.substring(0, from) + mutant.substring(to);
          };
    }
    return mutant;
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static ReceivedForm received(String form, String query, String header) {
    return new ReceivedForm(
        Buffer.buffer(form.getBytes(StandardCharsets.UTF_8)),
        query,
        header,
        PresentedKeys.NONE,
        "",
        Deadline.limit(Duration.ofSeconds(10)));
  }
}
