package dev.tokenbroker.judge.issuer;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.tokenbroker.base.jose.TestKeys;
import dev.tokenbroker.base.jose.VerificationKey;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.judge.issuer.KeySetSource.KeySetStatus.Freshness;
import dev.tokenbroker.judge.issuer.TrustedIssuers.IssuerMatch;
import dev.tokenbroker.judge.issuer.TrustedIssuers.Likeness;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("drawn")
class TrustedIssuersTest {

  /** {@code -Dfuzz.mutations=…} tries more. */
  private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 200);

  private static final Deadline NOW = Deadline.after(Duration.ZERO);

  private final TrustedIssuer github = issuer("github", "https://issuer.example/path", "a", "b");
  private final TrustedIssuer corp = issuer("corp", "https://sso.example:8443/realms/prod/", "c");
  private final TrustedIssuers issuers = TrustedIssuers.of(List.of(github, corp));

  @Test
  void finds_an_issuer_by_exactly_its_identifier() {
    assertThat(issuers.entries("https://issuer.example/path")).contains(github);
    assertThat(issuers.nearMiss("https://issuer.example/path")).isEmpty();
    assertThat(issuers.all()).containsExactly(github, corp);
  }

  @Test
  void finds_the_one_entry_of_several_by_the_audience() {
    TrustedIssuer one = cluster("one", "for-one", "also-one");
    TrustedIssuer two = cluster("two", "for-two");
    TrustedIssuers clusters = TrustedIssuers.of(List.of(one, github, two));
    String iss = "https://cluster.example";

    assertThat(clusters.entries(iss)).containsExactly(one, two);
    assertThat(clusters.find(iss, List.of("for-two"))).isEqualTo(new IssuerMatch.OneIssuer(two));
    assertThat(clusters.find(iss, List.of("x", "also-one", "for-one")))
        .isEqualTo(new IssuerMatch.OneIssuer(one));
    assertThat(clusters.find(iss, List.of("for-one", "for-two")))
        .isEqualTo(new IssuerMatch.SeveralIssuers(List.of(one, two)));
    assertThat(clusters.find(iss, List.of("For-one")))
        .isEqualTo(new IssuerMatch.NoAudience(List.of(one, two)));
    // The audience of a lone issuer is judged once its signature is good.
    assertThat(clusters.find(github.issuer(), List.of("x")))
        .isEqualTo(new IssuerMatch.OneIssuer(github));
    assertThat(clusters.find("https://cluster.example/", List.of("for-one")))
        .isEqualTo(new IssuerMatch.UnknownIssuer());
    assertThat(clusters.entry(iss, "two")).contains(two);
    assertThat(clusters.entry(iss, "three")).isEmpty();
    assertThat(clusters.entry(github.issuer(), "three")).contains(github);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://issuer.example/path/",
        "https://issuer.example/path//",
        "https://Issuer.Example/path",
        "https://issuer.example/PATH",
        "https://issuer.example:443/path",
        "http://issuer.example/path",
        "http://issuer.example:80/path",
        "HTTPS://issuer.example/path",
        "issuer.example/path",
        "https://issuer.example/%70ath",
        "https://issuer.example%2Fpath",
        " https://issuer.example/path\n"
      })
  void names_what_an_issuer_nearly_was_and_never_trusts_it(String iss) {
    assertThat(issuers.entries(iss)).isEmpty();
    assertThat(issuers.nearMiss(iss)).contains(github);
  }

  @Test
  void names_a_missing_slash() {
    assertThat(issuers.nearMiss("https://sso.example:8443/realms/prod")).contains(corp);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "https://",
        "https://issuer.example",
        "https://issuer.example/path/more",
        "https://issuer.example:8443/path",
        "https://issuer.example.evil.example/path",
        "https://sso.example/realms/prod"
      })
  void sees_no_likeness_where_there_is_none(String iss) {
    assertThat(issuers.entries(iss)).isEmpty();
    assertThat(issuers.nearMiss(iss)).isEmpty();
  }

  @Test
  void lists_the_most_alike_first() {
    List<TrustedIssuer> many = new ArrayList<>();
    for (int at = 0; at < 100; at++) {
      many.add(issuer("i" + at, "https://sso.example/realms/" + (char) ('a' + at % 26) + at, "a"));
    }
    many.add(github);
    TrustedIssuers all = TrustedIssuers.of(many);

    assertThat(all.nearest("https://isuer.example/path", 2)).first().isEqualTo(github);
    assertThat(all.nearest("https://sso.example/realms/z99", 3))
        .extracting(TrustedIssuer::issuer)
        .first()
        .isEqualTo("https://sso.example/realms/v99");
    assertThat(all.nearest("x".repeat(5000), 3)).hasSize(3);
  }

  @Test
  void compares_few_of_many_issuers_with_one_that_nobody_knows() {
    TrustedIssuers thousand =
        TrustedIssuers.of(
            IntStream.range(0, 1_000)
                .mapToObj(
                    at -> issuer("c" + at, "https://oidc.example/id/%032X".formatted(at), "a" + at))
                .toList());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String bogus = "ittps://oidc.example/id/%032x".formatted(0xfffL);
    thousand.nearest(bogus, 3);
    long before = threads.getCurrentThreadAllocatedBytes();

    assertThat(thousand.nearest(bogus, 3)).hasSize(3);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(500_000);
  }

  @ParameterizedTest
  @CsvSource({
    "https://issuer.example/path, 0",
    "https://issuer.exampel/path, 2",
    "https://isuer.example/path, 1",
    "https://issuer.example/paths, 1",
    "https://1ssuer.example/pat, 2",
    "https://1ssuer.example/pa, 0",
    "https://issuer.exemple/poth, 2",
    "https://issuer.exemple/pothh, 0",
    "'', 0"
  })
  void counts_up_to_two_characters_that_differ(String iss, int edits) {
    assertThat(TrustedIssuers.edits(iss, github).orElse(0)).isEqualTo(edits);
  }

  /** Against the plain algorithm. */
  @Test
  void counts_as_the_whole_matrix_does() {
    Random random = new Random(20261128);
    for (int round = 0; round < MUTATIONS; round++) {
      String one = randomText(random);
      String other = randomText(random);
      int edits = Likeness.of(one, other).edits();
      int all = edits(one, other);

      assertThat(edits).as("%s %s", one, other).isEqualTo(all > 2 ? Likeness.MANY : all);
    }
  }

  private static String randomText(Random random) {
    return random
        .ints(random.nextInt(8), 'a', 'd')
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }

  private static int edits(String one, String other) {
    if (one.isEmpty() || other.isEmpty()) {
      return one.length() + other.length();
    }
    int replaced = one.charAt(0) == other.charAt(0) ? 0 : 1;
    return Math.min(
        replaced + edits(one.substring(1), other.substring(1)),
        1 + Math.min(edits(one.substring(1), other), edits(one, other.substring(1))));
  }

  @Test
  void sees_no_likeness_in_overlong_text() {
    assertThat(issuers.nearMiss("https://issuer.example/path" + "/".repeat(4096))).isEmpty();
  }

  @Test
  void knows_another_issuer_that_holds_a_key() {
    assertThat(issuers.publishing("c", github)).contains(corp);
    assertThat(issuers.publishing("c", corp)).isEmpty();
    assertThat(issuers.publishing("z", corp)).isEmpty();
  }

  @Test
  void declares_no_issuer_twice() {
    assertThatThrownBy(() -> TrustedIssuers.of(List.of(github, github)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void gives_fixed_keys_by_name() {
    KeySetSource keys = github.keys();

    assertThat(accepted(keys.keys("a", NOW))).hasSize(1);
    assertThat(accepted(keys.keys(null, NOW))).hasSize(2);
    assertThat(refused(keys.keys("z", NOW)).reason()).isEqualTo(RefusalReason.KEY_UNKNOWN);
    assertThat(keys.status().freshness()).isEqualTo(Freshness.FIXED);
    assertThat(keys.status().keyCount()).isEqualTo(2);
  }

  @Test
  void says_of_a_fixed_key_that_it_is_there_where_it_cannot_be_used() {
    VerificationKey good = VerificationKey.of(TestKeys.named("a").jwk()).orElseThrow();
    KeySetSource keys =
        FixedKeys.of(new KeySetDocument(List.of(good), Map.of("weak", "its use is enc")));

    assertThat(refused(keys.keys("weak", NOW)).seen())
        .isEqualTo(
            "the kid of a key that is published, and cannot be used, since its use is enc: weak");
  }

  private static TrustedIssuer cluster(String name, String... audiences) {
    return TestIssuers.of(name, "https://cluster.example", NoKeys.NONE, audiences);
  }

  private static TrustedIssuer issuer(String name, String issuer, String... kids) {
    List<VerificationKey> keys =
        Arrays.stream(kids)
            .map(kid -> VerificationKey.of(TestKeys.named(kid).jwk()).orElseThrow())
            .toList();
    return TestIssuers.of(
        name, issuer, FixedKeys.of(new KeySetDocument(keys, Map.of())), "https://broker.example");
  }
}
