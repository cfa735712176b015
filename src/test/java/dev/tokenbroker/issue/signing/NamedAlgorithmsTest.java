package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.jose.SigningAlgorithm;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.target.Supply.MintedType;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets that name the algorithm and the type of their tokens. */
class NamedAlgorithmsTest {

  private static final Duration PUBLISH_BEFORE = Duration.ofMinutes(15);

  /** How long a key that leaves the files stays published, as settings.md says. */
  private static final Duration LEAVES = Duration.ofMinutes(86);

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings = TestTokenSettings.defaults();

  @RegisterExtension final Logged chains = Logged.by(KeyChains.class);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "ACCESS_TOKEN,       , at+jwt, ES256, false",
    "ACCESS_TOKEN, RS256 , at+jwt, RS256, false",
    "JWT         ,       , JWT   , ES256, true",
    "JWT         , ES256 , JWT   , ES256, true",
    "JWT         , EDDSA , JWT   , EdDSA, true",
    "JWT         , RS256 , JWT   , RS256, true",
  })
  void a_token_is_what_its_target_says(
      MintedType type, @Nullable SigningAlgorithm algorithm, String typ, String alg, boolean plain)
      throws Exception {
    SigningKeys keys = keys(settings);
    keys.demand(algorithm == null ? Map.of() : named(algorithm));
    String token = minted(keys, type, algorithm);
    SignedJWT jwt = SignedJWT.parse(token);
    assertThat(jwt.getHeader().getType().getType()).isEqualTo(typ);
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo(alg);
    assertThat(jwt.getJWTClaimsSet().getStringClaim("client_id")).isEqualTo("somebody");
    assertThat(acceptedAsSpringDoes(jwt, keys)).isEqualTo(plain);
    assertThat(keys.published().algorithms()).contains("ES256", alg);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keys_of_each_algorithm_keep_the_promise_through_a_month(long seed) {
    assertKeepThePromise(seed, 30);
  }

  @Tag("whole")
  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keys_of_each_algorithm_keep_the_promise_through_a_year(long seed) {
    assertKeepThePromise(seed, 365);
  }

  private void assertKeepThePromise(long seed, int days) {
    Random random = new Random(seed);
    SigningKeys keys = keys(settings);
    KeyObserver unnamed = new KeyObserver(keys, clock, settings);
    KeyObserver named = new KeyObserver(keys, clock, settings, SigningAlgorithm.EDDSA);
    Instant end = clock.instant().plus(Duration.ofDays(days));
    Instant from = clock.instant().plusSeconds(random.nextInt(3 * 86_400));
    while (clock.instant().isBefore(end)) {
      keys.demand(
          clock.instant().isBefore(from) || random.nextInt(9) == 0
              ? Map.of()
              : named(SigningAlgorithm.EDDSA));
      unnamed.round();
      named.round();
      clock.advance(Duration.ofSeconds(random.nextInt(1, 1800)));
    }
    assertThat(named.signers()).as("seed %d", seed).isBetween(days - 5, days + 1);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keys_in_files_keep_the_promise_for_each_algorithm(long seed) throws IOException {
    assertFilesKeepThePromise(seed, 400);
  }

  @Tag("whole")
  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keys_in_files_keep_the_promise_for_a_long_time(long seed) throws IOException {
    assertFilesKeepThePromise(seed, 1500);
  }

  private void assertFilesKeepThePromise(long seed, int steps) throws IOException {
    Random random = new Random(seed);
    List<String> pool = new ArrayList<>();
    for (int count = 0; count < 4; count++) {
      pool.add(TestKeyFiles.es256());
      pool.add(TestKeyFiles.eddsa());
    }
    Path file = Files.writeString(directory.resolve("keys.pem"), pool.getFirst());
    TestTokenSettings fromFile = settings.withFiles(file);
    SigningKeys keys = keys(fromFile);
    KeyObserver unnamed = new KeyObserver(keys, clock, fromFile);
    KeyObserver named = new KeyObserver(keys, clock, fromFile, SigningAlgorithm.EDDSA);
    for (int step = 0; step < steps; step++) {
      if (random.nextInt(6) == 0) {
        Collections.shuffle(pool, random);
        Files.writeString(file, String.join("", pool.subList(0, random.nextInt(6))));
      }
      keys.demand(random.nextBoolean() ? Map.of() : named(SigningAlgorithm.EDDSA));
      unnamed.round();
      named.round();
      clock.advance(Duration.ofSeconds(random.nextInt(1, 900)));
    }
    assertThat(named.signers()).as("seed %d", seed).isEqualTo(4);
  }

  @Test
  void signs_at_once_at_start_and_later_only_with_known_keys() {
    SigningKeys fresh = keys(settings);
    fresh.demand(named(SigningAlgorithm.EDDSA));
    assertThat(signer(fresh, SigningAlgorithm.EDDSA)).isPresent();

    SigningKeys known = keys(settings);
    assertThat(known.fetched().algorithms()).containsExactly("ES256");
    known.demand(named(SigningAlgorithm.EDDSA));
    assertThat(known.available()).isTrue();
    assertThat(signer(known, SigningAlgorithm.EDDSA)).isEmpty();
    assertThat(known.fetched().algorithms()).containsExactly("ES256", "EdDSA");
    known.keepUp();
    clock.advance(PUBLISH_BEFORE);
    known.keepUp();
    assertThat(signer(known, SigningAlgorithm.EDDSA)).isPresent();
  }

  @Test
  void keys_of_a_named_algorithm_are_for_targets_that_name_it() throws IOException {
    String files = TestKeyFiles.es256() + TestKeyFiles.eddsa();
    SigningKeys keys =
        keys(settings.withFiles(Files.writeString(directory.resolve("keys.pem"), files)));
    keys.demand(named(SigningAlgorithm.EDDSA));
    assertThat(signer(keys, null)).contains(SigningAlgorithm.ES256);
    assertThat(signer(keys, SigningAlgorithm.EDDSA)).contains(SigningAlgorithm.EDDSA);
    assertThat(signer(keys, SigningAlgorithm.RS256)).isEmpty();
    assertThat(keys.available()).isTrue();
    assertThat(keys.require(clock.instant(), SigningAlgorithm.RS256))
        .isInstanceOf(Outcome.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keys_of_a_removed_algorithm_stop_signing_and_go_with_tokens(boolean named)
      throws IOException {
    Path file = write(TestKeyFiles.es256());
    SigningKeys keys = keys(settings.withFiles(file));
    keys.demand(named ? named(SigningAlgorithm.ES256) : Map.of());
    assertThat(keys.fetched().algorithms()).containsExactly("ES256");
    clock.advance(Duration.ofDays(3));

    write(TestKeyFiles.rs256());
    keys.keepUp();

    assertThat(signer(keys, SigningAlgorithm.ES256)).isEmpty();
    assertThat(keys.require(clock.instant(), SigningAlgorithm.ES256))
        .isInstanceOf(Outcome.Refused.class);
    assertThat(signer(keys, null)).contains(SigningAlgorithm.ES256);
    clock.advance(PUBLISH_BEFORE);
    assertThat(signer(keys, null)).contains(SigningAlgorithm.RS256);
    clock.advance(LEAVES.minus(PUBLISH_BEFORE).minusNanos(1));
    keys.keepUp();
    assertThat(keys.fetched().algorithms()).containsExactlyInAnyOrder("ES256", "RS256");
    clock.advance(Duration.ofNanos(1));
    assertThat(keys.fetched().algorithms()).containsExactly("RS256");
    clock.advance(Duration.ofDays(-30));
    assertThat(signer(keys, SigningAlgorithm.ES256)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_returning_algorithm_signs_once_verifiers_can_know_its_key(boolean same)
      throws IOException {
    String old = TestKeyFiles.es256();
    Path file = write(old + TestKeyFiles.rs256());
    SigningKeys keys = keys(settings.withFiles(file));
    keys.demand(named(SigningAlgorithm.ES256));
    assertThat(keys.fetched().algorithms()).hasSize(2);
    clock.advance(PUBLISH_BEFORE);
    write(TestKeyFiles.rs256());
    keys.keepUp();

    write((same ? old : TestKeyFiles.es256()) + TestKeyFiles.rs256());
    keys.keepUp();

    assertThat(signer(keys, SigningAlgorithm.ES256).isPresent()).isEqualTo(same);
    clock.advance(PUBLISH_BEFORE);
    keys.keepUp();
    assertThat(signer(keys, SigningAlgorithm.ES256)).isPresent();
  }

  /** Another replica may have adopted it. */
  @Test
  void a_key_removed_before_it_signs_stays_published_as_any_other() throws IOException {
    String old = TestKeyFiles.es256();
    Path file = write(old);
    SigningKeys keys = keys(settings.withFiles(file));
    keys.demand(named(SigningAlgorithm.RS256));
    assertThat(keys.fetched().algorithms()).containsExactly("ES256");
    write(TestKeyFiles.rs256() + old);
    keys.keepUp();
    clock.advance(Duration.ofMinutes(5));
    assertThat(keys.fetched().algorithms()).hasSize(2);

    write(old);
    keys.keepUp();

    clock.advance(LEAVES.minusNanos(1));
    keys.keepUp();
    assertThat(signer(keys, SigningAlgorithm.RS256)).isEmpty();
    assertThat(keys.fetched().algorithms()).hasSize(2);
    clock.advance(Duration.ofNanos(1));
    assertThat(keys.fetched().algorithms()).containsExactly("ES256");
  }

  @Test
  void logs_targets_without_their_algorithm_and_serves_the_others() throws IOException {
    Path file = write(TestKeyFiles.es256());
    SigningKeys keys = keys(settings.withFiles(file));
    for (int load = 0; load < 2; load++) {
      keys.demand(Map.of(SigningAlgorithm.RS256, Set.of("b-api", "a-api")));
    }

    assertThat(chains.texts(Level.WARNING))
        .singleElement()
        .asString()
        .contains("no RS256 key", "a-api, b-api");
    assertThat(keys.available()).isTrue();
    assertThat(keys.require(clock.instant(), SigningAlgorithm.RS256))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused ->
                assertThat(refused.refusal().expected())
                    .isEqualTo("a usable key in token-broker.token.key-files, of RS256"));
    assertThat(keys.fetched().algorithms()).containsExactly("ES256");
    write(TestKeyFiles.rs256() + TestKeyFiles.es256());
    keys.keepUp();
    assertThat(keys.available()).as("while RS256 waits").isTrue();
    write(TestKeyFiles.es256());
    keys.keepUp();
    assertThat(chains.texts(Level.WARNING)).hasSize(2);
    assertThat(keys.available()).isTrue();
  }

  @Test
  void any_document_may_name_an_algorithm_that_the_files_lack() throws IOException {
    SigningKeys keys = keys(settings.withFiles(write(TestKeyFiles.es256())));
    for (Map<SigningAlgorithm, Set<String>> document :
        List.of(
            named(SigningAlgorithm.RS256),
            Map.<SigningAlgorithm, Set<String>>of(),
            named(SigningAlgorithm.EDDSA))) {
      keys.demand(document);
      assertThat(keys.available()).isTrue();
    }
    assertThat(chains.texts(Level.WARNING)).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_rotation_is_reported_only_if_targets_use_the_key(boolean used) throws IOException {
    List<Change> changes = new ArrayList<>();
    String first = TestKeyFiles.es256();
    Path file = write(first + TestKeyFiles.eddsa());
    SigningKeys keys =
        new SigningKeys(
            settings.withFiles(file), SignatureProvider.automatic(), clock, changes::add);
    keys.demand(used ? named(SigningAlgorithm.EDDSA) : Map.of());
    clock.advance(PUBLISH_BEFORE);
    keys.keepUp();
    // Without the target, both keys are for all targets, and the first follows the last.
    assertThat(rotations(changes)).isEqualTo(used ? 0 : 1);
    changes.clear();

    write(first + TestKeyFiles.eddsa());
    keys.keepUp();
    clock.advance(PUBLISH_BEFORE);
    keys.keepUp();

    assertThat(rotations(changes)).isEqualTo(used ? 1 : 0);
  }

  private static long rotations(List<Change> changes) {
    return changes.stream().filter(it -> it.kind() == ChangeKind.SIGNING_KEY_ROTATED).count();
  }

  private Path write(String keys) throws IOException {
    return Files.writeString(directory.resolve("keys.pem"), keys);
  }

  private static Map<SigningAlgorithm, Set<String>> named(SigningAlgorithm algorithm) {
    return Map.of(algorithm, Set.of("payments-api"));
  }

  private Optional<SigningAlgorithm> signer(SigningKeys keys, @Nullable SigningAlgorithm name) {
    return keys.signer(clock.instant(), name).map(SigningKey::algorithm);
  }

  private SigningKeys keys(TestTokenSettings with) {
    return new SigningKeys(with, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  }

  private String minted(SigningKeys keys, MintedType type, @Nullable SigningAlgorithm algorithm) {
    return switch (new JwtMinter(keys, settings, clock)
        .mint(Grants.of("payments-api", "somebody", type, algorithm))) {
      case Outcome.Accepted<IssuedToken>(IssuedToken token) -> token.value();
      case Outcome.Refused<IssuedToken> refused -> throw new AssertionError(refused.refusal());
    };
  }

  /** Spring Security by {@code issuer-uri} leaves the processor's verifier of types as it is. */
  private static boolean acceptedAsSpringDoes(SignedJWT jwt, SigningKeys keys) throws Exception {
    JWKSet published = JWKSet.parse(new String(keys.published().jwks(), StandardCharsets.UTF_8));
    DefaultJWTProcessor<?> processor = new DefaultJWTProcessor<>();
    processor.setJWTClaimsSetVerifier((_, _) -> {});
    try {
      if (jwt.getHeader().getAlgorithm().getName().equals("EdDSA")) {
        processor.getJWSTypeVerifier().verify(jwt.getHeader().getType(), null); // keys need Tink
        return true;
      }
      processor.setJWSKeySelector(
          new JWSVerificationKeySelector<>(
              jwt.getHeader().getAlgorithm(), new ImmutableJWKSet<>(published)));
      processor.process(jwt, null);
      return true;
    } catch (BadJOSEException refused) {
      return false;
    }
  }
}
