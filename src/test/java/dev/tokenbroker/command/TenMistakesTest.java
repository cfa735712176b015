package dev.tokenbroker.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.command.Shell.Ran;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Makes each mistake of {@code ten-mistakes.md} against an issuer on loopback and compares the
 * answer with the page. With {@code -Dten-mistakes=write} it writes the answers into the page.
 */
class TenMistakesTest {

  private static final Path PAGE = Path.of("src/docs/use/ten-mistakes.md");
  private static final String TRUST = "quarkus.tls.corp.trust-store.pem.certs";
  private static final Pattern ANSWER =
      Pattern.compile("(?ms)^## (\\d+)\\. .*?^```text\\n(.*?)^```$");
  private static final Pattern SHOWN =
      Pattern.compile("^refused: |✗ |[─ ] (expected|seen) |^[├└]─ (hint|remedy) ");
  private static final Pattern BRANCHES = Pattern.compile("^[│├└─ ]+");
  private static final Pattern QUOTATION = Pattern.compile("(?m)^> .*\\]\\(https://github\\.com/");

  private static final String DOCUMENT =
      """
      issuers:
        - {name: ci, issuer: ISSUER, audiences: ['https://broker.acme.example'], tls: corp}
      targets:
        - {audience: payments-api, mint: {lifetime: 10m}}
      rules:
        - name: deploy-payments
          issuer: ci
          audience: payments-api
          when: claims.sub == "repo:acme/payments:ref:refs/heads/main" && claims.repository == "acme/payments"
          subject: '"repo:" + claims.repository'
          scopes: [deploy, read]
      """;

  @TempDir static Path trusted;
  @TempDir Path directory;

  private FakeIssuer issuer;

  /**
   * A mistake.
   *
   * @param number the section of the page that tells of it
   * @param credential what is presented, which may also break the issuer
   * @param options of the command, beside the usual ones
   */
  record Mistake(
      int number, Function<FakeIssuer, String> credential, String document, List<String> options) {

    static Mistake of(int number, Consumer<Map<String, Object>> change) {
      return at(number, issuer -> issuer.credential(change));
    }

    static Mistake at(int number, Function<FakeIssuer, String> credential) {
      return new Mistake(number, credential, DOCUMENT, List.of());
    }
  }

  static List<Mistake> mistakes() {
    return List.of(
        Mistake.of(1, claims -> claims.put("aud", "sts.amazonaws.com")),
        Mistake.of(2, claims -> claims.put("iss", claims.get("iss") + "/")),
        Mistake.of(3, claims -> moved(claims, -7200)),
        Mistake.of(4, claims -> moved(claims, 600)),
        Mistake.at(
            5,
            issuer -> {
              String signedBefore = issuer.credential();
              issuer.rotate();
              return signedBefore;
            }),
        Mistake.at(
            6,
            issuer -> {
              String credential = issuer.credential();
              issuer.close();
              return credential;
            }),
        Mistake.of(
            7, claims -> claims.put("sub", "repo:acme@7001/payments@4200:ref:refs/heads/main")),
        Mistake.of(8, claims -> claims.put("repository", "mallory/payments")),
        new Mistake(9, FakeIssuer::credential, DOCUMENT, List.of("--scope", "admin")),
        new Mistake(10, FakeIssuer::credential, DOCUMENT.replace(", tls: corp", ""), List.of()));
  }

  @BeforeEach
  void start() {
    issuer = FakeIssuer.startTls();
    System.setProperty(TRUST, issuer.tls().writeRoot(trusted).toString());
  }

  @AfterEach
  void stop() {
    issuer.close();
    System.clearProperty(TRUST);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void each_answer_of_the_page_is_what_the_broker_answers(Mistake mistake) throws IOException {
    String answer = answer(mistake);
    if ("write".equals(System.getProperty("ten-mistakes"))) {
      Files.writeString(PAGE, replaced(Files.readString(PAGE), mistake.number(), answer));
    }

    assertThat(answers(Files.readString(PAGE)).get(mistake.number())).isEqualTo(answer);
  }

  @Test
  void the_page_has_ten_mistakes_with_distinct_words_and_addresses() throws IOException {
    String page = Files.readString(PAGE);

    assertThat(answers(page)).hasSize(10).hasSameSizeAs(mistakes());
    assertThat(page.split("(?m)^## \\d+\\. ", -1)).hasSize(11);
    for (String section : List.of(page.split("(?m)^## \\d+\\. ", -1)).subList(1, 11)) {
      assertThat(section).containsPattern(QUOTATION);
    }
  }

  private String answer(Mistake mistake) throws IOException {
    String credential = mistake.credential().apply(issuer);
    Path document = directory.resolve("federation.yaml");
    Path jwt = directory.resolve("ci.jwt");
    Files.writeString(document, mistake.document().replace("ISSUER", issuer.issuer()));
    Files.writeString(jwt, credential);
    List<String> args = new ArrayList<>(List.of("explain", "--tree", "--audience", "payments-api"));
    args.addAll(List.of("--federation", document.toString(), "--credential", jwt.toString()));
    args.addAll(mistake.options());
    Ran ran = new Shell().with("NO_COLOR", "1").run(args.toArray(String[]::new));

    assertThat(ran.code()).as(ran.all()).isEqualTo(1);
    return shortened(ran.out().replace(issuer.issuer(), "https://ci.acme.example"));
  }

  /** The reason, the step that failed, hints and remedy, without what differs from run to run. */
  private static String shortened(String tree) {
    return tree.lines()
        .filter(line -> SHOWN.matcher(line).find())
        .map(line -> BRANCHES.matcher(line).replaceFirst(""))
        .map(line -> line.matches("(expected|seen) .*") ? "  " + line : line)
        .map(line -> line.replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "TIME"))
        .map(line -> line.replaceAll("\\d+\\.\\d+ s (ago|ahead)", "N s $1"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static Map<Integer, String> answers(String page) {
    return ANSWER
        .matcher(page)
        .results()
        .collect(
            Collectors.toMap(found -> Integer.valueOf(found.group(1)), found -> found.group(2)));
  }

  private static String replaced(String page, int number, String answer) {
    Matcher found = ANSWER.matcher(page);
    while (found.find()) {
      if (Integer.parseInt(found.group(1)) == number) {
        return page.substring(0, found.start(2)) + answer + page.substring(found.end(2));
      }
    }
    throw new AssertionError("the page has no mistake " + number);
  }

  private static void moved(Map<String, Object> claims, long seconds) {
    long now = Instant.now().getEpochSecond() + seconds;
    claims.put("nbf", now);
    claims.put("iat", now);
    claims.put("exp", now + 300);
  }
}
