package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.Payload;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.evaluate.revocation.MintedTokens;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.Revocations;
import dev.tokenbroker.evaluate.revocation.TestRevocations;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.policy.Grant;
import dev.tokenbroker.judge.policy.RuledGrants;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a rule may put into a token, this broker reads it again when it is asked about it. */
@Tag("drawn")
class ReadBackTest {

  private static final long SEED = Long.getLong("fuzz.seed", 20261125L);
  private static final int GRANTS = Integer.getInteger("fuzz.grants", 60);
  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(10));
  private static final String LONGEST_DOUBLE = "-2.2250738585072014E-308";

  /** One for each number of bytes that a character may take, and some that are often mistaken. */
  private static final List<String> CHARACTERS =
      List.of("a", "/", "\u007f", "\"", "\\", "é", "\u0001", "\n", "€", "\u2028", "\uFFFD", "😀");

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings =
      TestTokenSettings.defaults().withIssuer("https://broker.example/" + "i".repeat(1000));
  private final SigningKeys keys =
      new SigningKeys(settings, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  private final JwtMinter minter = new JwtMinter(keys, settings, clock);
  private final MintedTokens tokens =
      new MintedTokens(
          TestVerifiers.of(clock),
          new OwnKeys(keys),
          new Revocations(TestRevocations.inMemory(), new OneReplica(), clock),
          settings,
          clock);

  @Test
  void knows_whatever_a_rule_gives() {
    System.out.printf("ReadBackTest: %d grants, seed %d%n", GRANTS, SEED);
    Random random = new Random(SEED);
    int given = 0;
    for (int at = 0; at < GRANTS; at++) {
      Optional<Grant> grant =
          RuledGrants.of(
              "payments-api",
              "sub" + "€".repeat(random.nextInt(250)),
              scopes(random),
              claims(random));
      given += grant.isPresent() ? 1 : 0;
      grant.ifPresent(this::assertReadBack);
    }
    assertThat(given).isBetween(GRANTS / 4, GRANTS - GRANTS / 20);
  }

  @ParameterizedTest
  @CsvSource({"a, 1", "'\"', 2", "\\, 2", "é, 2", "€, 3", "😀, 4"})
  void reads_text_of_all_bytes_up_to_the_limit_of_a_rule(String character, int bytes) {
    String name = "n".repeat(4096 % bytes == 0 ? bytes : 4096 % bytes);
    String most = character.repeat((4096 - name.length()) / bytes);

    assertReadBack(given(Map.of(name, most)));
    assertReadBack(given(Map.of(name, List.of(most))));
    assertThat(granted(Map.of(name, most + "a"))).isEmpty();
    assertThat(granted(Map.of(name, List.of(most, Map.of("a", true))))).isEmpty();
  }

  @Test
  void reads_the_longest_name_and_no_rule_gives_a_longer_one() {
    for (String character : List.of("a", "\"", "\u0001", "€")) {
      String longest = character.repeat(256);
      assertReadBack(given(Map.of("about", Map.of(longest, true))));
      assertThat(granted(Map.of("about", Map.of(longest + "a", true)))).isEmpty();
    }
  }

  @Test
  void knows_the_deepest_value_that_a_rule_may_give() {
    Object deep = 1L;
    for (int level = 0; level < 8; level++) {
      deep = level % 2 == 0 ? List.of(deep) : Map.of("in", deep);
    }
    assertReadBack(given(Map.of("about", deep)));
    assertThat(granted(Map.of("about", List.of(deep)))).isEmpty();
  }

  @Test
  void no_rule_gives_half_a_surrogate_pair() {
    assertThat(granted(Map.of("x", "a\uD83D"))).isEmpty();
    assertThat(granted(Map.of("x", "\uDE00\uD83D"))).isEmpty();
    assertThat(granted(Map.of("x", Map.of("\uDE00", true)))).isEmpty();
  }

  @Test
  void knows_a_token_that_is_at_every_limit_at_once() {
    Map<String, Object> map = new LinkedHashMap<>();
    IntStream.range(100, 323).forEach(at -> map.put("d" + at, Double.valueOf(LONGEST_DOUBLE)));
    map.put("text", "");
    Map<String, Object> claims = new LinkedHashMap<>();
    IntStream.range(100, 131).forEach(at -> claims.put("c" + at, Double.valueOf(LONGEST_DOUBLE)));
    claims.put("last", map);
    map.put("text", "a".repeat(4096 - 4 * (32 + 224)));
    List<String> scopes = IntStream.range(100, 164).mapToObj(at -> at + "s".repeat(125)).toList();

    Grant grant = RuledGrants.of("\"".repeat(255), "€".repeat(255), scopes, claims).orElseThrow();
    String token = assertReadBack(grant);

    // Which leaves room for the signature of an RSA key of 4096 bits, and for a binding.
    assertThat(token).hasSizeBetween(28 * 1024, 31 * 1024);
    claims.put("last", List.of(map));
    assertThat(granted(claims)).isEmpty();
  }

  /** The token, which is known and says what was granted. */
  private String assertReadBack(Grant grant) {
    String token = Outcomes.accepted(minter.mint(grant)).value();
    assertThat(tokens.standing(token, DEADLINE))
        .as("seed %s, %s", SEED, grant.claims())
        .isInstanceOfSatisfying(
            TokenStanding.Active.class,
            active -> {
              assertThat(active.token().subject()).isEqualTo(grant.subject());
              assertThat(active.token().scopes()).isEqualTo(grant.scopes());
            });
    assertThat(payload(token).toJSONObject()).containsAllEntriesOf(grant.claims());
    return token;
  }

  private static Payload payload(String token) {
    return Unchecked.get(() -> SignedJWT.parse(token).getPayload());
  }

  private static Grant given(Map<String, Object> claims) {
    return granted(claims).orElseThrow();
  }

  private static Optional<Grant> granted(Map<String, Object> claims) {
    return RuledGrants.of("payments-api", "somebody", List.of(), claims);
  }

  private static List<String> scopes(Random random) {
    return IntStream.range(0, random.nextInt(65))
        .mapToObj(at -> at + ":" + "s".repeat(random.nextInt(120)))
        .toList();
  }

  private static Map<String, Object> claims(Random random) {
    Map<String, Object> claims = new LinkedHashMap<>();
    int most = 1 + random.nextInt(32);
    int longest = 1 + random.nextInt(5000 / most);
    for (int at = 0; at < most; at++) {
      claims.put("n" + at + "\"".repeat(random.nextInt(8)), value(random, longest, 0));
    }
    return claims;
  }

  private static Object value(Random random, int longest, int depth) {
    return switch (random.nextInt(depth > 7 ? 4 : 6)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextBoolean();
      case 2 -> Double.longBitsToDouble(random.nextLong());
      case 3 -> text(random, longest);
      case 4 -> {
        List<Object> list = new ArrayList<>();
        for (int size = random.nextInt(4); size > 0; size--) {
          list.add(value(random, longest / 2 + 1, depth + 1));
        }
        yield list;
      }
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int size = random.nextInt(4); size > 0; size--) {
          map.put(text(random, Math.min(longest, 260)), value(random, longest / 2 + 1, depth + 1));
        }
        yield map;
      }
    };
  }

  private static String text(Random random, int longest) {
    StringBuilder text = new StringBuilder();
    for (int size = random.nextInt(longest + 1); size > 0; size--) {
      text.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
    }
    return text.toString();
  }
}
