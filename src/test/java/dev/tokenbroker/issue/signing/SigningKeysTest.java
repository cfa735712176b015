package dev.tokenbroker.issue.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("drawn")
class SigningKeysTest {

  private static final Duration YEAR = Duration.ofDays(365);
  private static final Duration PUBLISH_BEFORE = Duration.ofMinutes(15);
  private static final Duration RETENTION = Duration.ofHours(1).plusSeconds(60);

  /** Until the last replica has seen the change, however new the listed keys are to it. */
  private static final Duration SUCCESSION_ANYWHERE = Duration.ofMinutes(10).plus(PUBLISH_BEFORE);

  private final TestClock clock = new TestClock();
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final List<Change> changes = new ArrayList<>();

  @RegisterExtension final Logged files = Logged.by(KeyFiles.class);
  @RegisterExtension final Logged logged = Logged.by(SigningKeys.class);

  @TempDir Path directory;

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keeps_its_promise_through_a_year_of_rotation(long seed) {
    Random random = new Random(seed);
    SigningKeys keys = keys(settings);
    KeyObserver observer = new KeyObserver(keys, clock, settings);
    Instant end = clock.instant().plus(YEAR);
    while (clock.instant().isBefore(end)) {
      keys.keepUp();
      observer.round();
      clock.advance(Duration.ofSeconds(random.nextInt(1, 1800)));
    }
    assertThat(observer.signers()).as("seed %d", seed).isBetween(360, 366);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keeps_its_promise_when_the_background_is_days_late(long seed) {
    Random random = new Random(seed);
    SigningKeys keys = keys(settings);
    KeyObserver observer = new KeyObserver(keys, clock, settings);
    Instant end = clock.instant().plus(YEAR);
    Instant nextKeepUp = clock.instant();
    while (clock.instant().isBefore(end)) {
      if (!clock.instant().isBefore(nextKeepUp)) {
        keys.keepUp();
        nextKeepUp = clock.instant().plus(Duration.ofMinutes(random.nextInt(1, 7200)));
      }
      observer.round();
      clock.advance(Duration.ofSeconds(random.nextInt(1, 1800)));
    }
    assertThat(observer.signers()).as("seed %d", seed).isBetween(80, 366);
  }

  @ParameterizedTest
  @MethodSource("dev.tokenbroker.Seeds#drawn")
  void keeps_its_promise_whatever_operators_do_to_the_files(long seed) throws IOException {
    Random random = new Random(seed);
    Path file = directory.resolve("keys.pem");
    List<String> pool = new ArrayList<>();
    for (int count = 0; count < 8; count++) {
      pool.add(TestKeyFiles.es256());
    }
    Files.writeString(file, pool.getFirst());
    TestTokenSettings fromFile = settings.withFiles(file);
    SigningKeys keys = keys(fromFile);
    KeyObserver observer = new KeyObserver(keys, clock, fromFile);
    for (int step = 0; step < 1500; step++) {
      if (random.nextInt(6) == 0) {
        Collections.shuffle(pool, random);
        Files.writeString(file, String.join("", pool.subList(0, random.nextInt(4))));
      }
      keys.keepUp();
      observer.round();
      clock.advance(Duration.ofSeconds(random.nextInt(1, 900)));
    }
    assertThat(observer.signers()).as("seed %d", seed).isEqualTo(8);
  }

  @Test
  void rotates_after_the_period_and_retires_after_the_last_token() {
    SigningKeys keys = keys(settings);
    keys.keepUp();
    String first = signer(keys);
    clock.advance(Duration.ofHours(24).minusNanos(1));
    assertThat(signer(keys)).isEqualTo(first);
    clock.advance(Duration.ofNanos(1));
    assertThat(signer(keys)).isNotEqualTo(first);
    clock.advance(RETENTION.minusNanos(1));
    assertThat(published(keys)).contains(first);
    clock.advance(Duration.ofNanos(1));
    assertThat(published(keys)).doesNotContain(first).contains(signer(keys));
  }

  @Test
  void has_one_key_at_once_and_the_next_after_the_background_run() {
    SigningKeys keys = keys(settings);
    assertThat(keys.available()).isTrue();
    assertThat(published(keys)).hasSize(1);
    keys.keepUp();
    keys.keepUp();
    assertThat(published(keys)).hasSize(2);
  }

  @Test
  void signs_and_publishes_if_the_clock_is_set_back_before_start() {
    SigningKeys keys = keys(settings);
    keys.keepUp();
    List<String> before = published(keys);
    String signer = signer(keys);
    clock.advance(Duration.ofDays(-30));
    keys.keepUp();
    assertThat(signer(keys)).isEqualTo(signer);
    assertThat(published(keys)).isEqualTo(before);
  }

  @Test
  void keeps_what_tokens_need_while_the_clock_is_fast() {
    AtomicLong nanos = new AtomicLong();
    SigningKeys keys = keys(settings, nanos::get);
    keys.keepUp();
    String first = signer(keys);
    clock.advance(Duration.ofHours(24).plusMinutes(5));
    keys.keepUp();
    assertThat(published(keys)).contains(first).hasSize(3);

    clock.advance(Duration.ofHours(1));
    assertThat(published(keys)).doesNotContain(first);
    keys.keepUp();
    nanos.addAndGet(RETENTION.minusNanos(1).toNanos());
    keys.keepUp();
    clock.advance(Duration.ofHours(-1));
    assertThat(published(keys)).contains(first);
    keys.keepUp();

    clock.advance(Duration.ofHours(1));
    keys.keepUp();
    nanos.addAndGet(RETENTION.toNanos());
    keys.keepUp();
    clock.advance(Duration.ofHours(-1));
    assertThat(published(keys)).doesNotContain(first);
  }

  @Test
  void rotates_on_after_a_fast_clock_is_corrected_mid_run() {
    AtomicLong nanos = new AtomicLong();
    SigningKeys keys = keys(settings, nanos::get);
    keys.keepUp();
    String first = signer(keys);
    clock.advance(Duration.ofHours(1).plusDays(30));
    keys.keepUp();
    clock.advance(Duration.ofDays(-30));

    assertThatItRotatesOn(first, keys, nanos);
  }

  @Test
  void rotates_on_after_a_fast_clock_at_the_start_is_corrected() {
    clock.advance(Duration.ofDays(30));
    AtomicLong nanos = new AtomicLong();
    SigningKeys keys = keys(settings, nanos::get);
    keys.keepUp();
    String first = signer(keys);
    clock.advance(Duration.ofDays(-30));

    assertThatItRotatesOn(first, keys, nanos);
  }

  @Test
  void publishes_a_key_of_a_fast_clock_until_its_tokens_expire() {
    AtomicLong nanos = new AtomicLong();
    SigningKeys keys = keys(settings, nanos::get);
    keys.keepUp();
    KeyObserver observer = new KeyObserver(keys, clock, settings);
    clock.advance(Duration.ofHours(1).plusDays(30));
    observer.mint();
    String ahead = signer(keys);
    keys.keepUp();
    clock.advance(Duration.ofDays(-30));

    for (int times = 0; times < 3; times++) {
      observeTenDays(keys, nanos, observer);
    }
    assertThat(published(keys)).contains(ahead);
    observeTenDays(keys, nanos, observer);
    assertThat(published(keys)).doesNotContain(ahead);
    assertThat(observer.signers()).isBetween(39, 42);
  }

  @Test
  void shortens_no_head_start_while_the_clock_is_slow() {
    AtomicLong nanos = new AtomicLong();
    SigningKeys keys = keys(settings, nanos::get);
    keys.keepUp();
    String first = signer(keys);
    clock.advance(Duration.ofDays(-30));
    keys.keepUp();
    nanos.addAndGet(PUBLISH_BEFORE.minusNanos(1).toNanos());
    keys.keepUp();
    clock.advance(Duration.ofDays(30));

    assertThat(signer(keys)).isEqualTo(first);
    clock.advance(Duration.ofHours(24).minusNanos(1));
    assertThat(signer(keys)).isEqualTo(first);
  }

  private void assertThatItRotatesOn(String first, SigningKeys keys, AtomicLong nanos) {
    assertThat(signer(keys)).isEqualTo(first);
    KeyObserver observer = new KeyObserver(keys, clock, settings);
    observeTenDays(keys, nanos, observer);
    assertThat(observer.signers()).isBetween(10, 12);
  }

  /** In which all tokens can be verified. */
  private void observeTenDays(SigningKeys keys, AtomicLong nanos, KeyObserver observer) {
    for (int minutes = 0; minutes < Duration.ofDays(10).toMinutes(); minutes += 5) {
      keys.keepUp();
      observer.round();
      clock.advance(Duration.ofMinutes(5));
      nanos.addAndGet(Duration.ofMinutes(5).toNanos());
    }
  }

  @Test
  void a_rotation_is_a_change() {
    SigningKeys keys = keys(settings);
    String first = signer(keys);
    keys.keepUp();
    assertThat(changes).isEmpty();

    clock.advance(Duration.ofDays(1).plus(PUBLISH_BEFORE));
    keys.keepUp();
    keys.keepUp();

    assertThat(changes)
        .containsExactly(
            new Change(
                ChangeKind.SIGNING_KEY_ROTATED,
                SubjectKind.SIGNING_KEYS,
                "",
                "kid " + first,
                "kid " + signer(keys)));
  }

  @Test
  void other_key_files_are_a_change_and_so_are_bad_ones() throws IOException {
    Path file = write("key.pem");
    SigningKeys keys = keys(settings.withFiles(file));
    keys.keepUp();
    assertThat(changes).isEmpty();

    list(file, blocks(2));
    keys.keepUp();
    Files.writeString(file, "no key");
    keys.keepUp();
    keys.keepUp();

    assertThat(changes)
        .extracting(Change::kind)
        .containsExactly(ChangeKind.KEY_FILES_RELOADED, ChangeKind.KEY_FILES_REJECTED);
  }

  @Test
  void gives_the_same_object_as_long_as_the_keys_are_the_same() {
    SigningKeys keys = keys(settings);
    PublishedKeys published = keys.published();
    clock.advance(Duration.ofHours(1));
    assertThat(keys.published()).isSameAs(published);
    keys.keepUp();
    assertThat(keys.published()).isNotSameAs(published);
  }

  @Test
  void signs_with_the_last_listed_key_until_the_first_is_published() throws IOException {
    Path newer = write("newer.pem");
    Path older = write("older.pem");
    SigningKeys keys = keys(settings.withFiles(newer, older));
    assertThat(signer(keys)).isEqualTo(kid(older));
    assertThat(published(keys)).containsExactlyInAnyOrder(kid(newer), kid(older));
    clock.advance(PUBLISH_BEFORE.minusNanos(1));
    assertThat(signer(keys)).isEqualTo(kid(older));
    clock.advance(Duration.ofNanos(1));
    assertThat(signer(keys)).isEqualTo(kid(newer));
  }

  @Test
  void rotates_within_a_file_if_the_new_key_is_above_the_old_one() throws IOException {
    Path file = directory.resolve("keys.pem");
    List<String> blocks = blocks(2);
    list(file, blocks.subList(1, 2));
    SigningKeys keys = keys(settings.withFiles(file));
    String old = signer(keys);

    list(file, blocks);
    keys.keepUp();
    String added = kid(file);
    assertThat(published(keys)).containsExactlyInAnyOrder(added, old);
    clock.advance(PUBLISH_BEFORE.minusNanos(1));
    assertThat(signer(keys)).isEqualTo(old);
    clock.advance(Duration.ofNanos(1));
    assertThat(signer(keys)).isEqualTo(added).isNotEqualTo(old);
  }

  @Test
  void a_removed_signer_signs_until_its_successor_is_published() throws IOException {
    Path file = write("key.pem");
    String old = kid(file);
    SigningKeys keys = keys(settings.withFiles(file));
    clock.advance(Duration.ofDays(3));
    String next = kid(write("key.pem"));
    keys.keepUp();
    assertThat(signer(keys)).isEqualTo(old);
    assertThat(published(keys)).containsExactlyInAnyOrder(old, next);
    clock.advance(PUBLISH_BEFORE);
    assertThat(signer(keys)).isEqualTo(next);
    clock.advance(SUCCESSION_ANYWHERE.minus(PUBLISH_BEFORE).plus(RETENTION).minusNanos(1));
    assertThat(published(keys)).contains(old);
    clock.advance(Duration.ofNanos(1));
    assertThat(published(keys)).containsExactly(next);
  }

  @Test
  void publishes_a_removed_signer_while_its_succession_is_postponed() throws IOException {
    Path file = write("key.pem");
    String old = kid(file);
    SigningKeys keys = keys(settings.withFiles(file));
    for (int change = 0; change < 20; change++) {
      clock.advance(PUBLISH_BEFORE.minusSeconds(1));
      write("key.pem");
      keys.keepUp();
      assertThat(signer(keys)).isEqualTo(old);
    }
    clock.advance(SUCCESSION_ANYWHERE.plus(RETENTION).minusNanos(1));
    assertThat(published(keys)).contains(old);
    clock.advance(Duration.ofNanos(1));
    assertThat(published(keys)).containsExactly(kid(file));
  }

  @Test
  void publishes_a_removed_key_even_if_only_another_replica_signed() throws IOException {
    Path first = write("first.pem");
    Path second = directory.resolve("second.pem");
    Files.copy(write("spare.pem"), second);
    String removed = kid(second);
    SigningKeys keys = keys(settings.withFiles(first, second));
    clock.advance(PUBLISH_BEFORE);
    Files.copy(first, second, StandardCopyOption.REPLACE_EXISTING);
    keys.keepUp();
    clock.advance(SUCCESSION_ANYWHERE.plus(RETENTION).minusNanos(1));
    assertThat(published(keys)).contains(removed);
    clock.advance(Duration.ofNanos(1));
    assertThat(published(keys)).containsExactly(kid(first));
  }

  @Test
  void publishes_a_removed_key_while_a_late_replica_signs_with_it() throws IOException {
    Path file = directory.resolve("keys.pem");
    List<String> blocks = blocks(2);
    list(file, blocks);
    SigningKeys keys = keys(settings.withFiles(file));
    clock.advance(PUBLISH_BEFORE);
    SigningKeys begun = keys(settings.withFiles(file));
    list(file, blocks.subList(0, 1));
    keys.keepUp();
    begun.keepUp();

    clock.advance(PUBLISH_BEFORE.minusNanos(1));
    String removed = signer(begun);
    assertThat(signer(keys)).isNotEqualTo(removed);
    clock.advance(RETENTION);
    assertThat(published(keys)).contains(removed);
  }

  @Test
  void publishes_a_removed_key_on_if_a_change_makes_a_replica_sign() throws IOException {
    Path file = directory.resolve("keys.pem");
    List<String> blocks = blocks(5);
    list(file, blocks.subList(0, 2));
    SigningKeys keys = keys(settings.withFiles(file));
    clock.advance(PUBLISH_BEFORE);
    SigningKeys begun = keys(settings.withFiles(file));
    String removed = signer(begun);
    for (int block : List.of(0, 2, 3, 4)) {
      list(file, blocks.subList(block, block + 1));
      keys.keepUp();
      begun.keepUp();
      clock.advance(PUBLISH_BEFORE.minusNanos(1));
    }

    assertThat(signer(begun)).isEqualTo(removed);
    clock.advance(RETENTION);
    assertThat(published(keys)).contains(removed);
  }

  @Test
  void keeps_good_keys_when_a_file_turns_bad_or_goes() throws IOException {
    Path file = write("key.pem");
    SigningKeys keys = keys(settings.withFiles(file));
    List<String> good = published(keys);
    Files.writeString(file, "-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n");
    keys.keepUp();
    assertThat(published(keys)).isEqualTo(good);
    Files.delete(file);
    keys.keepUp();
    clock.advance(Duration.ofDays(30));
    assertThat(published(keys)).isEqualTo(good);
    assertThat(keys.available()).isTrue();
  }

  @Test
  void counts_the_problems_of_its_files_until_they_are_usable_again() throws IOException {
    Path one = write("one.pem");
    Path two = write("two.pem");
    SigningKeys keys = keys(settings.withFiles(one, two));
    assertThat(keys.problems()).isZero();
    byte[] good = Files.readAllBytes(one);

    Files.delete(one);
    Files.delete(two);
    keys.keepUp();
    keys.keepUp();
    assertThat(keys.problems()).isEqualTo(2);
    assertThat(keys.available()).isTrue();

    Files.write(one, good);
    Files.write(two, good);
    keys.keepUp();
    assertThat(keys.problems()).isZero();
  }

  @Test
  void files_that_return_as_they_were_are_no_problem_any_more() throws IOException {
    Path file = write("key.pem");
    SigningKeys keys = keys(settings.withFiles(file));
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    keys.keepUp();
    assertThat(keys.problems()).isEqualTo(1);
    Files.move(aside, file);
    keys.keepUp();
    assertThat(keys.problems()).isZero();
  }

  @Test
  void says_why_a_file_cannot_be_read_once() throws IOException {
    Path file = write("key.pem");
    SigningKeys keys = keys(settings.withFiles(file));

    Files.writeString(file, "x".repeat(64 * 1024 + 1));
    keys.keepUp();
    Files.delete(file);
    keys.keepUp();
    Files.createDirectory(file);
    keys.keepUp();
    keys.keepUp();

    assertThat(files.texts(Level.WARNING))
        .map(text -> text.substring(text.indexOf(": ") + 2))
        .containsExactly(
            file + " cannot be read: it is larger than 64 KiB",
            file + " cannot be read: it does not exist",
            file + " cannot be read: it is not a regular file");
  }

  @Test
  void follows_a_symlink_that_is_swapped_as_kubernetes_does_it() throws IOException {
    Path one = Files.createDirectory(directory.resolve("..one"));
    Path two = Files.createDirectory(directory.resolve("..two"));
    Path link = Files.createSymbolicLink(directory.resolve("..data"), one);
    Files.move(write("a.pem"), one.resolve("key.pem"));
    Files.move(write("b.pem"), two.resolve("key.pem"));
    SigningKeys keys = keys(settings.withFiles(link.resolve("key.pem")));
    assertThat(published(keys)).hasSize(1);
    Path swap = Files.createSymbolicLink(directory.resolve("..swap"), two);
    Files.move(swap, link, StandardCopyOption.ATOMIC_MOVE);
    keys.keepUp();
    assertThat(published(keys)).hasSize(2).contains(kid(two.resolve("key.pem")));
  }

  @Test
  void has_no_key_while_files_were_never_usable_and_recovers() throws IOException {
    Path file = directory.resolve("late.pem");
    SigningKeys keys = keys(settings.withFiles(file));
    assertThat(keys.available()).isFalse();
    assertThat(keys.published().jwks()).asString().isEqualTo("{\"keys\":[]}");
    write("late.pem");
    keys.keepUp();
    assertThat(signer(keys)).isEqualTo(kid(file));
  }

  @Test
  void looks_again_at_files_that_it_failed_to_judge() throws IOException {
    Path file = write("key.pem");
    AtomicBoolean failing = new AtomicBoolean(true);
    SigningKeys keys = failingKeys(file, failing);
    failing.set(false);
    assertThat(keys.available()).isFalse();

    keys.keepUp();

    assertThat(signer(keys)).isEqualTo(kid(file));
  }

  @Test
  void names_a_failure_once_for_as_long_as_it_lasts() throws IOException {
    AtomicBoolean failing = new AtomicBoolean();
    SigningKeys keys = failingKeys(write("key.pem"), failing);

    for (boolean next : List.of(true, true, true, false, true, true)) {
      failing.set(next);
      keys.keepUp();
    }

    assertThat(logged.texts()).hasSize(2);
  }

  private SigningKeys failingKeys(Path file, AtomicBoolean failing) {
    Clocks broken =
        () -> {
          if (failing.get()) {
            throw new OutOfMemoryError("as a test says");
          }
          return clock.instant();
        };
    return new SigningKeys(
        settings.withFiles(file), SignatureProvider.automatic(), broken, ChangeListener.NONE);
  }

  @Test
  void refuses_settings_that_would_break_its_promise_by_name() {
    Duration hour = Duration.ofHours(1);
    Duration minutes = Duration.ofMinutes(5);
    refuses(settings.withTimes(hour, minutes, minutes, hour), "publish-before");
    refuses(settings.withTimes(minutes, hour, minutes, hour), "rotation-period");
    refuses(settings.withTimes(hour, hour, minutes, hour.plusSeconds(1)), "max-lifetime");
    refuses(settings.withTimes(hour, hour, minutes, Duration.ZERO), "max-lifetime");
    refuses(settings.withTimes(hour, hour, minutes.negated(), hour), "jwks-max-age");
  }

  /** For which both clocks go on together. */
  private SigningKeys keys(TokenSettings with) {
    return keys(with, clock::nanoTime);
  }

  private SigningKeys keys(TokenSettings with, LongSupplier nanoTime) {
    return new SigningKeys(
        with,
        SignatureProvider.automatic(),
        new TestClocks(clock, nanoTime),
        changes::add,
        ReplicaKeys.alone(with, clock));
  }

  private void refuses(TokenSettings bad, String setting) {
    assertThatThrownBy(
            () -> new SigningKeys(bad, SignatureProvider.automatic(), clock, ChangeListener.NONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("token-broker.token." + setting + " is ");
  }

  private Path write(String name) throws IOException {
    return Files.writeString(directory.resolve(name), TestKeyFiles.es256());
  }

  private static List<String> blocks(int count) {
    return Stream.generate(TestKeyFiles::es256).limit(count).toList();
  }

  private static void list(Path file, List<String> blocks) throws IOException {
    Files.writeString(file, String.join("", blocks));
  }

  private static String kid(Path file) throws IOException {
    return TestKeyFiles.keys(Files.readString(file), SignatureProvider.jdk()).getFirst().kid();
  }

  private String signer(SigningKeys keys) {
    return keys.signer(clock.instant()).orElseThrow().kid();
  }

  private static List<String> published(SigningKeys keys) {
    return keys.published().jwkList().stream().map(jwk -> (String) jwk.get("kid")).toList();
  }
}
