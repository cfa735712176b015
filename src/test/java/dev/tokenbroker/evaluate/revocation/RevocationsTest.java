package dev.tokenbroker.evaluate.revocation;

import static dev.tokenbroker.base.refusal.Outcomes.accepted;
import static dev.tokenbroker.base.refusal.Outcomes.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.jose.SignatureProvider;
import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.base.time.TestClocks;
import dev.tokenbroker.evaluate.revocation.MintedTokens.TokenStanding;
import dev.tokenbroker.evaluate.revocation.Revocations.Revocation;
import dev.tokenbroker.evaluate.revocation.RevokedTokens.Revoked;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.OwnKeys;
import dev.tokenbroker.issue.signing.SigningKeys;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.policy.Grants;
import dev.tokenbroker.judge.target.Target;
import dev.tokenbroker.peers.store.OneReplica;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.Logged;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RevocationsTest {

  private static final Deadline DEADLINE = Deadline.after(Duration.ofMinutes(1));

  private final TestClock clock = new TestClock();

  /** By how much the clock of the wall is ahead of the other. */
  private Duration ahead = Duration.ZERO;

  private final InstantSource wall = () -> clock.instant().plus(ahead);
  private final TestTokenSettings settings = TestTokenSettings.defaults();
  private final SigningKeys keys =
      new SigningKeys(settings, SignatureProvider.automatic(), clock, ChangeListener.NONE);
  private final JwtMinter minter = new JwtMinter(keys, settings, wall);
  private final List<Revocations> opened = new ArrayList<>();

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("revocations");
  }

  @AfterEach
  void close() {
    opened.forEach(Revocations::close);
  }

  // --- in memory

  @Test
  void holds_what_was_revoked_and_nothing_else() {
    Revocations revocations = open(TestRevocations.inMemory());
    MintedToken token = minted(Duration.ofMinutes(10));

    assertThat(revocations.holds(token.id())).isFalse();
    assertThat(revoke(revocations, token)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(revoke(revocations, token)).isEqualTo(Outcome.accepted(Revocation.REPEATED));
    assertThat(revocations.holds(token.id())).isTrue();
    assertThat(revocations.holds(minted(Duration.ofMinutes(10)).id())).isFalse();
    assertThat(revocations.held()).isEqualTo(1);
  }

  @Test
  void holds_it_until_a_minute_past_its_expiry_and_not_for_longer() {
    Revocations revocations = open(TestRevocations.inMemory());
    MintedToken token = minted(Duration.ofMinutes(10));
    revoke(revocations, token);

    clock.advance(Duration.ofMinutes(11).minusSeconds(1));
    assertThat(revocations.held()).isEqualTo(1);
    assertThat(revocations.holds(token.id())).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(revocations.held()).isZero();
    assertThat(revocations.holds(token.id())).isFalse();
  }

  @Test
  void brings_no_token_back_when_a_clock_that_was_ahead_is_set_back() {
    Revocations revocations = open(TestRevocations.inMemory());
    MintedToken before = minted(Duration.ofMinutes(10));
    revoke(revocations, before);
    clock.advance(Duration.ofMinutes(2));
    MintedToken meanwhile = minted(Duration.ofMinutes(10));
    ahead = Duration.ofMinutes(9);
    revoke(revocations, meanwhile); // by a clock by which it has a minute left
    clock.advance(Duration.ofMinutes(3));
    ahead = Duration.ofHours(3);
    assertThat(revocations.held()).isEqualTo(2);

    ahead = Duration.ZERO;
    assertThat(revocations.holds(before.id())).isTrue();
    assertThat(revocations.holds(meanwhile.id())).isTrue();
    clock.advance(Duration.ofMinutes(6));
    assertThat(revocations.held()).isEqualTo(1);
    assertThat(revocations.holds(meanwhile.id())).isTrue();
    clock.advance(Duration.ofMinutes(2));
    assertThat(revocations.held()).isZero();
  }

  @Test
  void holds_tokens_of_a_fast_clock_until_they_really_expire() {
    Revocations revocations = open(TestRevocations.inMemory());
    ahead = Duration.ofHours(3);
    revoke(revocations, minted(Duration.ofMinutes(10)));
    ahead = Duration.ZERO;

    clock.advance(Duration.ofHours(3));
    assertThat(revocations.held()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(11));
    assertThat(revocations.held()).isZero();
  }

  @Test
  void revives_no_token_of_a_fast_clock_while_this_clock_is_fast() {
    Revocations revocations = open(TestRevocations.inMemory());
    ahead = Duration.ofHours(20);
    MintedToken token = minted(Duration.ofMinutes(10));
    ahead = Duration.ZERO;
    revoke(revocations, token);
    clock.advance(Duration.ofMinutes(30));
    ahead = Duration.ofHours(24);
    assertThat(revocations.held()).isEqualTo(1);

    ahead = Duration.ZERO;
    clock.advance(Duration.ofHours(19).plusMinutes(30));
    assertThat(revocations.holds(token.id())).isTrue();
    clock.advance(Duration.ofMinutes(11));
    assertThat(revocations.held()).isZero();
  }

  @Test
  void has_room_again_after_a_clock_is_set_back() {
    Revocations revocations = open(TestRevocations.inMemory().withMaxTokens(2));
    ahead = Duration.ofHours(3);
    MintedToken early = minted(Duration.ofMinutes(10));
    revoke(revocations, early);
    ahead = Duration.ZERO;
    MintedToken late = minted(Duration.ofMinutes(30));
    revoke(revocations, late);

    clock.advance(Duration.ofMinutes(31));
    assertThat(revocations.holds(early.id())).isTrue();
    assertThat(revoke(revocations, minted(Duration.ofMinutes(10))))
        .isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(revocations.holds(early.id())).isTrue();
    assertThat(revocations.holds(late.id())).isFalse();
  }

  /** The clock that nobody sets goes on while they are looked at, by more than is left. */
  @Test
  void looks_at_each_once_however_little_the_wall_holds_it_back() {
    AtomicInteger reads = new AtomicInteger();
    LongSupplier moving =
        () -> {
          assertThat(reads.incrementAndGet()).as("reads of the clock").isLessThan(100);
          return clock.nanoTime() + reads.get() * Duration.ofMillis(1).toNanos();
        };
    Revocations revocations =
        new Revocations(TestRevocations.inMemory(), new OneReplica(), new TestClocks(wall, moving));
    revoke(revocations, minted(Duration.ofMinutes(10)));
    clock.advance(Duration.ofMinutes(11));
    ahead = Duration.ofNanos(-1);

    assertThat(revocations.held()).isEqualTo(1);
    ahead = Duration.ZERO;
    assertThat(revocations.held()).isZero();
  }

  @Test
  void refuses_when_full_until_the_next_expires_and_forgets_none() {
    Revocations revocations = open(TestRevocations.inMemory().withMaxTokens(2));
    MintedToken first = minted(Duration.ofSeconds(30));
    MintedToken second = minted(Duration.ofMinutes(10));
    MintedToken third = minted(Duration.ofMinutes(10));
    revoke(revocations, second);
    revoke(revocations, first);

    assertThat(refused(revoke(revocations, third)))
        .isEqualTo(Refusal.of(RefusalReason.REVOCATIONS_FULL).retryAfter(Duration.ofSeconds(60)));
    assertThat(revocations.holds(first.id())).isTrue();
    assertThat(revocations.holds(third.id())).isFalse();
    assertThat(revoke(revocations, first)).isEqualTo(Outcome.accepted(Revocation.REPEATED));

    clock.advance(Duration.ofSeconds(60));
    assertThat(refused(revoke(revocations, third)).retryAfter()).isEqualTo(Duration.ofSeconds(30));
    clock.advance(Duration.ofSeconds(30));
    assertThat(revoke(revocations, third)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    assertThat(revocations.holds(second.id())).isTrue();
  }

  @Test
  void revokes_one_token_once_however_many_ask_at_the_same_time() throws Exception {
    Revocations revocations = open(TestRevocations.in(file));
    MintedToken token = minted(Duration.ofMinutes(10));
    List<Future<Outcome<Revocation>>> asked = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int at = 0; at < 50; at++) {
        asked.add(threads.submit(() -> revoke(revocations, token)));
      }
    }
    long revoked = 0;
    for (Future<Outcome<Revocation>> outcome : asked) {
      revoked += outcome.get().equals(Outcome.accepted(Revocation.REVOKED)) ? 1 : 0;
    }
    assertThat(revoked).isEqualTo(1);
    assertThat(lines()).hasSize(2);
  }

  // --- on disk

  @Test
  void survives_a_restart_and_drops_long_expired_entries() throws IOException {
    Revocations before = open(TestRevocations.in(file));
    MintedToken brief = minted(Duration.ofMinutes(1));
    MintedToken lasting = minted(Duration.ofMinutes(10));
    revoke(before, brief);
    revoke(before, lasting);
    assertThat(lines()).hasSize(3).first().isEqualTo("token-broker-revocations 1");
    before.close();

    clock.advance(Duration.ofMinutes(2).plus(Target.MAX_LIFETIME));
    Revocations after = open(TestRevocations.in(file));

    assertThat(after.unusable()).isEmpty();
    assertThat(after.holds(lasting.id())).isTrue();
    assertThat(after.holds(brief.id())).isFalse();
    assertThat(lines()).hasSize(2);
    assertThat(revoke(after, lasting)).isEqualTo(Outcome.accepted(Revocation.REPEATED));
  }

  @Test
  void revives_no_token_after_a_restart_with_a_fast_clock() {
    MintedToken token = revokedInFile();

    ahead = Duration.ofHours(1);
    Revocations after = open(TestRevocations.in(file));
    assertThat(after.held()).isEqualTo(1);
    ahead = Duration.ZERO;

    assertThat(after.holds(token.id())).isTrue();
    clock.advance(Target.MAX_LIFETIME.plus(RevokedTokens.KEPT_PAST_END));
    assertThat(after.held()).isZero();
  }

  @Test
  void forgets_none_where_more_are_in_the_file_than_may_be_kept() {
    List<MintedToken> tokens = List.of(revokedInFile(), revokedInFile());

    Revocations after = open(TestRevocations.in(file).withMaxTokens(1));

    assertThat(tokens).allSatisfy(token -> assertThat(after.holds(token.id())).isTrue());
    refused(revoke(after, minted(Duration.ofMinutes(10))), RefusalReason.REVOCATIONS_FULL);
  }

  @Test
  void leaves_out_a_last_line_that_was_cut_short_wherever_it_was() throws IOException {
    Revocations before = open(TestRevocations.in(file));
    MintedToken first = minted(Duration.ofMinutes(10));
    MintedToken second = minted(Duration.ofMinutes(10));
    revoke(before, first);
    int whole = Files.readAllBytes(file).length;
    revoke(before, second);
    before.close();
    byte[] all = Files.readAllBytes(file);

    for (int cut = whole; cut < all.length - 1; cut++) {
      Files.write(file, Arrays.copyOf(all, cut));
      Revocations after = open(TestRevocations.in(file));
      assertThat(after.unusable()).as("cut at %s", cut).isEmpty();
      assertThat(after.holds(first.id())).isTrue();
      assertThat(after.holds(second.id())).isFalse();
      assertThat(revoke(after, second)).isEqualTo(Outcome.accepted(Revocation.REVOKED));
      after.close();
      assertThat(Files.readAllBytes(file)).isEqualTo(all);
    }
  }

  @Test
  void keeps_a_last_line_without_newline_and_does_not_warn() throws IOException {
    MintedToken token = revokedInFile();
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length - 1));

    try (Logged logged = Logged.open(Revocations.class)) {
      Revocations after = open(TestRevocations.in(file));

      assertThat(after.holds(token.id())).isTrue();
      assertThat(Files.readAllBytes(file)).isEqualTo(all);
      assertThat(logged.texts(Level.WARNING)).isEmpty();
    }
  }

  @Test
  void warns_of_an_empty_or_truncated_file_only() throws IOException {
    try (Logged logged = Logged.open(Revocations.class)) {
      open(TestRevocations.in(file)).close();
      open(TestRevocations.in(file)).close();
      Files.writeString(file, "token-broker-revocations 1");
      open(TestRevocations.in(file)).close();
      assertThat(logged.texts(Level.WARNING)).isEmpty();

      Files.writeString(file, "");
      open(TestRevocations.in(file)).close();
      assertThat(logged.texts(Level.WARNING))
          .singleElement()
          .asString()
          .contains("the file was empty");

      Files.writeString(file, "token-broker-revocations 1\nx");
      open(TestRevocations.in(file)).close();
      assertThat(logged.texts(Level.WARNING))
          .hasSize(2)
          .last()
          .asString()
          .contains("was cut short");
    }
  }

  // --- behind a symbolic link

  @Test
  void follows_a_link_and_leaves_it_as_it_is() throws IOException {
    Path volume = Files.createDirectory(directory.resolve("volume"));
    Path real = Files.createFile(volume.resolve("kept"));
    Path other = Files.createSymbolicLink(directory.resolve("other"), real);
    Files.createSymbolicLink(file, other);
    MintedToken token = minted(Duration.ofMinutes(10));

    revokeInFile(token);

    assertThat(file).isSymbolicLink();
    assertThat(other).isSymbolicLink();
    assertThat(Files.readAllLines(real)).hasSize(2);
    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("revocations", "other", "volume");
    assertThat(volume.toFile().list()).containsExactlyInAnyOrder("kept", "kept.lock");
    assertThat(open(TestRevocations.in(real)).holds(token.id())).isTrue();
  }

  @Test
  void refuses_to_start_if_another_broker_links_to_the_file() throws IOException {
    Path real = Files.createFile(directory.resolve("kept"));
    Path other = Files.createSymbolicLink(directory.resolve("other"), real);
    Files.createSymbolicLink(file, Path.of("kept"));
    assertThat(open(TestRevocations.in(file)).unusable()).isEmpty();

    for (Path same : List.of(real, other)) {
      assertThat(problem(same)).isEqualTo("is in use by another broker.");
    }
  }

  @Test
  void does_not_start_with_a_link_that_leads_nowhere() throws IOException {
    Files.createSymbolicLink(file, directory.resolve("volume").resolve("kept"));

    assertThat(problem(file)).isEqualTo("is a symbolic link to a file that does not exist.");
    assertThat(directory.toFile().list()).containsExactly("revocations");
  }

  @Test
  void does_not_start_with_a_link_that_leads_to_itself() throws IOException {
    Files.createSymbolicLink(file, file);

    assertThat(problem(file)).startsWith("cannot be read (");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "token", "token-broker-revocations 1", "token-broker-revocations 1\n"})
  void begins_anew_where_nothing_was_written_yet(String text) throws IOException {
    Files.writeString(file, text);

    assertThat(open(TestRevocations.in(file)).unusable()).isEmpty();
    assertThat(lines()).containsExactly("token-broker-revocations 1");
  }

  @Test
  void does_not_start_if_any_byte_of_a_whole_line_was_changed() throws IOException {
    revokedInFile();
    byte[] good = Files.readAllBytes(file);

    for (int at = 0; at < good.length - 1; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      Revocations after = open(TestRevocations.in(file));
      assertThat(after.unusable())
          .as("changed at %s", at)
          .hasValueSatisfying(why -> assertThat(why.problem()).startsWith("is corrupt in line "));
      assertThat(Files.readAllBytes(file)).as("is left as it is").isEqualTo(bad);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"something else", "issuers:\n  - name: github\n", "\n"})
  void does_not_write_over_a_file_of_somebody_else(String text) throws IOException {
    Files.writeString(file, text);

    assertThat(open(TestRevocations.in(file)).unusable()).isPresent();
    assertThat(file).hasContent(text);
  }

  @Test
  void does_not_start_with_a_line_that_does_not_end() throws IOException {
    Files.writeString(file, "token-broker-revocations 1\n" + "x".repeat(300));

    assertThat(problem(file)).startsWith("is corrupt in line 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/revocations", "missing/revocations"})
  void does_not_start_where_nothing_can_be_written(String path) {
    assertThat(problem(directory.resolve(path))).startsWith("cannot be written (");
  }

  @Test
  void tells_of_a_full_disk_in_the_words_of_the_system() {
    assertThat(
            RevocationFile.unwritable(
                new FileSystemException("revocations", null, "No space left on device")))
        .satisfies(
            why -> {
              assertThat(why.problem()).isEqualTo("cannot be written (No space left on device).");
              assertThat(why.remedy()).contains("whose disk has space left");
            });
  }

  @Test
  void follows_no_link_and_lets_only_the_owner_read_the_file() throws IOException {
    Path victim = Files.writeString(directory.resolve("victim"), "untouched");
    Files.createSymbolicLink(directory.resolve("revocations.new"), victim);
    assertThat(open(TestRevocations.in(file)).unusable()).isEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");

    Path other = directory.resolve("other");
    Files.createSymbolicLink(directory.resolve("other.lock"), victim);
    assertThat(problem(other)).startsWith("cannot be written (");
    assertThat(victim).hasContent("untouched");
  }

  @Test
  void does_not_start_where_the_path_is_a_directory() throws IOException {
    Files.createDirectory(file);

    assertThat(open(TestRevocations.in(file)).unusable()).isPresent();
  }

  @Test
  void refuses_what_cannot_be_written_and_the_token_stays_good() {
    Revocations revocations = open(TestRevocations.in(file));
    revocations.close();
    MintedToken token = minted(Duration.ofMinutes(10));

    refused(revoke(revocations, token), RefusalReason.REVOCATION_NOT_STORED);
    assertThat(revocations.holds(token.id())).isFalse();
  }

  @Test
  void writes_the_file_anew_after_a_write_that_failed() throws IOException {
    RevocationFile written = ((RevocationFile.Opening.Opened) RevocationFile.open(file)).file();
    Revoked first = new Revoked("first", Instant.ofEpochSecond(2_000_000_000));
    Revoked second = new Revoked("second", Instant.ofEpochSecond(2_000_000_000));
    written.rewrite(List.of());
    written.add(first, List.of());
    Thread.currentThread().interrupt(); // which closes the file under the write
    try {
      written.add(second, List.of(first));
      throw new AssertionError("was written");
    } catch (IOException interrupted) {
      assertThat(Thread.interrupted()).isTrue();
    }

    written.add(second, List.of(first));
    written.close();

    assertThat(Files.readString(file))
        .isEqualTo(
            "token-broker-revocations 1\n"
                + new String(RevocationLines.line(first), StandardCharsets.US_ASCII)
                + new String(RevocationLines.line(second), StandardCharsets.US_ASCII));
  }

  @Test
  void keeps_the_file_from_growing_without_bound() throws IOException {
    RevocationFile written = ((RevocationFile.Opening.Opened) RevocationFile.open(file)).file();
    Revoked one = new Revoked("one", Instant.ofEpochSecond(2_000_000_000));
    List<Revoked> many = new ArrayList<>();
    for (int at = 0; at <= RevocationFile.TOLERATED_LINES; at++) {
      many.add(new Revoked("t" + at, Instant.ofEpochSecond(1)));
    }
    written.rewrite(many);
    written.add(one, List.of());
    written.close();

    assertThat(lines()).hasSize(2).last().asString().startsWith("one ");
    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("revocations", "revocations.lock");
  }

  private MintedToken revokedInFile() {
    MintedToken token = minted(Duration.ofMinutes(10));
    revokeInFile(token);
    return token;
  }

  private void revokeInFile(MintedToken token) {
    Revocations before = open(TestRevocations.in(file));
    revoke(before, token);
    before.close();
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(file);
  }

  /** As where the disk hangs: one is being stored, and does not come to its end. */
  @Test
  void tells_a_joined_caller_whether_its_own_deadline_passed() throws Exception {
    Latch storing = new Latch(1);
    Latch gate = new Latch(1);
    InstantSource stuck =
        () -> {
          storing.countDown();
          gate.await();
          return wall.instant();
        };
    MintedToken one = minted(Duration.ofMinutes(10));
    MintedToken other = minted(Duration.ofMinutes(10));
    Revocations revocations =
        new Revocations(
            TestRevocations.inMemory(), new OneReplica(), new TestClocks(stuck, clock::nanoTime));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Outcome<Revocation>> first = threads.submit(() -> revoke(revocations, one));
      storing.await();

      refused(
          TestRevocations.revoke(revocations, other, Deadline.limit(Duration.ZERO)),
          RefusalReason.REVOCATION_NOT_STORED);
      refused(
          TestRevocations.revoke(revocations, other, Deadline.after(Duration.ZERO)),
          RefusalReason.DEADLINE_EXCEEDED);
      gate.countDown();
      assertThat(first.get()).isEqualTo(Outcome.accepted(Revocation.REVOKED));
    }
    assertThat(revocations.holds(other.id())).isFalse();
  }

  private Revocations open(TestRevocations with) {
    Revocations revocations =
        new Revocations(with, new OneReplica(), new TestClocks(wall, clock::nanoTime));
    opened.add(revocations);
    return revocations;
  }

  private String problem(Path path) {
    return open(TestRevocations.in(path)).unusable().orElseThrow().problem();
  }

  private static Outcome<Revocation> revoke(Revocations revocations, MintedToken token) {
    return TestRevocations.revoke(revocations, token, DEADLINE);
  }

  private MintedToken minted(Duration lifetime) {
    Outcome<IssuedToken> minted =
        minter.mint(
            Grants.of("payments-api", "somebody", List.of("read"), Map.of(), lifetime, null));
    MintedTokens tokens =
        new MintedTokens(
            TestVerifiers.of(wall),
            new OwnKeys(keys),
            new Revocations(TestRevocations.inMemory(), new OneReplica(), TestClocks.of(wall)),
            settings,
            wall);
    String token = accepted(minted).value();
    return ((TokenStanding.Active) tokens.standing(token, DEADLINE)).token();
  }
}
