package dev.tokenbroker.command.fetch;

import static dev.tokenbroker.command.fetch.BrokerDouble.credential;
import static dev.tokenbroker.command.fetch.BrokerDouble.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.command.fetch.NoToken.Kind;
import dev.tokenbroker.command.fetch.TokenCache.Hold;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.trust.TestTls;
import dev.tokenbroker.process.runtime.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a token is fetched, kept and given, against a broker on a real socket. */
class TokenFetchTest {

  private static final String CLAIMS = "{\"iss\":\"https://issuer.example\",\"sub\":\"a\"%s}";
  private static final Map<String, String> NO_HEADERS = Map.of();

  @AutoClose private final BrokerDouble broker = BrokerDouble.start();
  private final TestClock clock = new TestClock();
  private final List<String> notes = new ArrayList<>();
  private final List<Duration> pauses = new ArrayList<>();
  private Duration renewal = Duration.ofSeconds(5);
  private String credential = credential(CLAIMS.formatted(""));

  @TempDir private Path directory;

  @Test
  void sends_each_parameter_of_a_token_exchange() throws Exception {
    KeptToken token =
        fetch(FetchRequest.of(broker.url() + "/", null, "payments & co", List.of("read", "deploy")))
            .token(deadline());

    assertThat(broker.forms())
        .containsExactly(
            Map.of(
                "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange",
                "subject_token", credential,
                "subject_token_type", "urn:ietf:params:oauth:token-type:jwt",
                "audience", "payments & co",
                "scope", "deploy read"));
    assertThat(broker.requests().getFirst().headers())
        .containsEntry("content-type", "application/x-www-form-urlencoded")
        .containsEntry("accept", "application/json");
    assertThat(token)
        .returns("token-1", KeptToken::value)
        .returns("Bearer", KeptToken::type)
        .returns("deploy read", KeptToken::scope)
        .returns(clock.instant().plusSeconds(600), KeptToken::expiry);
    assertThat(token.toString()).doesNotContain("token-1");
  }

  @ParameterizedTest
  @CsvSource({
    "600, 299, token-1, 1", // before half of its life
    "600, 300, token-2, 2",
    "600, 700, token-2, 2",
    "40, 9, token-1, 1",
    "40, 11, token-2, 2", // less than 30 s remain
    "600, -61, token-2, 2", // the clock was set back: its end is unknown
  })
  void serves_a_token_until_it_is_due(int life, int passed, String value, int exchanges)
      throws Exception {
    broker.answering(_ -> broker.token(life));
    token();
    clock.advance(Duration.ofSeconds(passed));

    assertThat(token().value()).isEqualTo(value);
    assertThat(broker.forms()).hasSize(exchanges);
  }

  @ParameterizedTest
  @CsvSource({"301, true", "479, true", "481, false", "601, false"})
  void a_refusal_to_renew_matters_once_the_token_is_no_longer_fresh(int passed, boolean served)
      throws Exception {
    token();
    broker.answering(_ -> refusal(400, NO_HEADERS, "NO_RULE_MATCHED: no. (verdict 1)"));
    clock.advance(Duration.ofSeconds(passed));

    if (served) {
      assertThat(token().value()).isEqualTo("token-1");
      assertThat(token().value()).isEqualTo("token-1");
      assertThat(broker.forms()).as("a renewal is not tried at each call").hasSize(2);
    } else {
      assertThat(refused(Kind.REFUSED).line()).isEqualTo("NO_RULE_MATCHED: no. (verdict 1)");
      assertThat(broker.forms()).hasSize(2);
    }
  }

  @Test
  void keeps_a_token_while_it_lives_and_the_broker_is_away() throws Exception {
    token();
    broker.answering(_ -> Reply.drop());
    clock.advance(Duration.ofSeconds(590));

    assertThat(token().value()).isEqualTo("token-1");
    assertThat(notes).last().asString().contains("since there is no new one");
    clock.advance(Duration.ofSeconds(10));
    assertThat(refused(Kind.AWAY).line()).contains(broker.url(), "cannot be reached");
  }

  @Test
  void a_broker_that_hangs_holds_nobody_up_while_the_token_lives() throws Exception {
    token();
    broker.answering(_ -> Reply.hang());
    clock.advance(Duration.ofSeconds(500));
    renewal = Duration.ofMillis(100);
    long start = System.nanoTime();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<KeptToken> one = threads.submit(this::token);
      Future<KeptToken> other = threads.submit(this::token);
      assertThat(one.get().value()).isEqualTo("token-1");
      assertThat(other.get().value()).isEqualTo("token-1");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @Test
  void reads_the_times_of_tokens_after_2038() throws Exception {
    clock.advance(Duration.ofDays(5000));
    token();

    assertThat(token().value()).isEqualTo("token-1");
  }

  @Test
  void no_token_waits_for_another() throws Exception {
    TokenCache cache = TokenCache.open(directory.resolve("cache"), clock);
    String key = "0".repeat(64);
    Deadline none = Deadline.after(Duration.ZERO);

    try (Hold _ = cache.hold(key, none).orElseThrow()) {
      assertThat(cache.hold(key, none)).isEmpty();
      cache.hold("00000000000001" + key.substring(14), none).orElseThrow().close();
    }
  }

  @Test
  void fifty_at_once_make_one_exchange() throws Exception {
    List<Future<KeptToken>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < 50; n++) {
        all.add(threads.submit(this::token));
      }
    }

    for (Future<KeptToken> one : all) {
      assertThat(one.get().value()).isEqualTo("token-1");
    }
    assertThat(broker.forms()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ",\"iat\":1,\"exp\":2,\"nbf\":1,\"jti\":\"x\" | 1",
        ",\"ref\":\"main\" | 2",
        ",\"aud\":[\"x\"] | 2",
      })
  void a_token_belongs_to_the_rights_of_its_credential(String claims, int exchanges)
      throws Exception {
    token();
    credential = credential(CLAIMS.formatted(claims));

    assertThat(token().value()).isEqualTo("token-" + exchanges);
  }

  @Test
  void a_token_belongs_to_its_audience_and_scopes() throws Exception {
    for (int round = 0; round < 2; round++) {
      for (List<String> scopes : List.of(List.<String>of(), List.of("a", "b"), List.of("b", "a"))) {
        fetch(FetchRequest.of(broker.url(), null, "x", scopes)).token(deadline());
      }
      fetch(FetchRequest.of(broker.url(), null, "y", List.of())).token(deadline());
    }
    assertThat(broker.forms()).hasSize(3);
  }

  @Test
  void caches_nothing_for_an_opaque_credential() throws Exception {
    credential = "opaque";
    token();

    assertThat(token().value()).isEqualTo("token-2");
    assertThat(directory.resolve("cache")).isEmptyDirectory();
  }

  @Test
  void a_refusal_of_a_used_credential_is_told_and_not_repeated() {
    broker.answering(_ -> refusal(400, NO_HEADERS, "CREDENTIAL_ALREADY_USED: used. (verdict 12)"));

    assertThat(refused(Kind.REFUSED).line())
        .isEqualTo("CREDENTIAL_ALREADY_USED: used. (verdict 12)");
    assertThat(broker.forms()).hasSize(1);
  }

  @Test
  void makes_three_attempts_at_most() {
    broker.answering(_ -> Reply.of(503, NO_HEADERS, "<html>"));

    assertThat(refused(Kind.AWAY).line()).isEqualTo("the broker does not work now: status 503");
    assertThat(broker.forms()).hasSize(3);
    assertThat(pauses.getFirst()).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
    assertThat(pauses.getLast()).isBetween(Duration.ofMillis(400), Duration.ofMillis(800));
  }

  @Test
  void waits_as_long_as_the_broker_demands() throws Exception {
    broker.answering(
        _ ->
            broker.forms().size() > 1
                ? broker.token(600)
                : refusal(429, Map.of("Retry-After", "1"), "BROKER_OVERLOADED: busy. (verdict 1)"));

    assertThat(token().value()).isEqualTo("token-1");
    assertThat(pauses).containsExactly(Duration.ofSeconds(1));
    assertThat(broker.forms()).hasSize(2);
  }

  @Test
  void no_process_comes_back_before_the_broker_allows_it() throws Exception {
    token();
    clock.advance(Duration.ofSeconds(301));
    broker.answering(
        _ -> refusal(429, Map.of("Retry-After", "60"), "BROKER_OVERLOADED: busy. (verdict 1)"));

    assertThat(token().value()).isEqualTo("token-1");
    clock.advance(Duration.ofSeconds(59));
    assertThat(token().value()).isEqualTo("token-1");
    assertThat(broker.forms()).hasSize(2);

    broker.answering(_ -> broker.token(600));
    clock.advance(Duration.ofSeconds(2));
    assertThat(token().value()).isEqualTo("token-2");
  }

  @Test
  void stops_at_once_if_the_broker_demands_too_long_a_wait() {
    broker.answering(
        _ -> refusal(429, Map.of("Retry-After", "60"), "BROKER_OVERLOADED: busy. (verdict 1)"));

    assertThat(refused(Kind.AWAY))
        .returns("BROKER_OVERLOADED: busy. (verdict 1)", NoToken::line)
        .returns(Duration.ofSeconds(60), NoToken::retryAfter);
    assertThat(broker.forms()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":0}",
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":\"60\"}",
        "{\"access_token\":\"two words\",\"token_type\":\"Bearer\",\"expires_in\":60}",
        "{\"access_token\":\"t\\n\",\"token_type\":\"Bearer\",\"expires_in\":60}",
        "{\"access_token\":\"t\",\"token_type\":\"a b\",\"expires_in\":60}",
        "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":60} {}",
        "<html></html>",
        "",
      })
  void takes_no_token_from_what_is_no_broker(String body) {
    broker.answering(_ -> Reply.of(200, NO_HEADERS, body));

    assertThat(refused(Kind.NO_BROKER).line()).contains("is no token broker");
    assertThat(broker.forms()).hasSize(1);
  }

  @Test
  void follows_no_redirect_and_reads_no_endless_body() {
    try (BrokerDouble other = BrokerDouble.start()) {
      broker.answering(_ -> Reply.of(307, Map.of("Location", other.url() + "/token"), ""));
      assertThat(refused(Kind.NO_BROKER).line()).contains("status 307");
      assertThat(other.requests()).isEmpty();
    }
    broker.answering(_ -> Reply.chunked(1024 * 1024));
    assertThat(refused(Kind.AWAY).line()).contains("cannot be reached");
  }

  @Test
  void shows_no_credential_that_a_refusal_repeats() {
    broker.answering(_ -> refusal(400, NO_HEADERS, "BAD: " + credential + " is bad"));
    assertThat(refused(Kind.REFUSED).line()).isEqualTo("BAD: (the credential) is bad");
  }

  @Test
  void gives_up_a_broker_that_does_not_answer_in_time() {
    broker.answering(_ -> Reply.hang());

    assertThatExceptionOfType(NoToken.class)
        .isThrownBy(() -> fetch(request()).token(Deadline.after(Duration.ofMillis(300))))
        .returns(Kind.AWAY, NoToken::kind)
        .withMessageContaining("no answer in time");
  }

  @Test
  void trusts_only_the_authorities_that_it_is_told() throws Exception {
    TestTls tls = TestTls.generate();
    Path root = tls.writeRoot(directory);
    try (BrokerDouble secure = BrokerDouble.startTls(tls.server("localhost"));
        BrokerDouble misnamed = BrokerDouble.startTls(tls.server("broker.example"))) {
      assertThat(fetch(at(secure, root)).token(deadline()).value()).isEqualTo("token-1");
      assertThatExceptionOfType(NoToken.class)
          .isThrownBy(() -> fetch(at(secure, null)).exchange(deadline(), 3))
          .returns(Kind.NO_BROKER, NoToken::kind);
      assertThatExceptionOfType(NoToken.class)
          .isThrownBy(() -> fetch(at(misnamed, root)).exchange(deadline(), 3))
          .returns(Kind.NO_BROKER, NoToken::kind);
      assertThat(misnamed.requests()).isEmpty();
    }
  }

  private static FetchRequest at(BrokerDouble broker, @Nullable Path root) throws NoToken {
    return FetchRequest.of(broker.url(), root, "payments-api", List.of());
  }

  @Test
  void its_files_are_for_their_owner_alone() throws Exception {
    token();

    Path cache = directory.resolve("cache");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache)))
        .isEqualTo("rwx------");
    try (Stream<Path> files = Files.list(cache)) {
      assertThat(files)
          .hasSize(2)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
  }

  /** Only root can give a directory away; to all others, the root directory is another user's. */
  @Test
  void opens_no_cache_of_another_user() throws Exception {
    Path theirs = Files.createDirectory(directory.resolve("theirs"));
    if (Files.getAttribute(theirs, "unix:uid").equals(0)) {
      Files.setAttribute(theirs, "unix:uid", 65534);
    } else {
      theirs = Path.of("/");
    }
    Path opened = theirs;

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> TokenCache.open(opened, clock))
        .withMessageContaining("belongs to another user");
  }

  @Test
  void opens_no_cache_in_which_others_can_write() throws Exception {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
    Path link = Files.createSymbolicLink(directory.resolve("link"), open);

    for (Path wrong : List.of(open, link)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> TokenCache.open(wrong, clock))
          .withMessageContaining("other users can write to it");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "{\"access_token\":\"t\"}", "\0\0"})
  void a_file_of_the_cache_that_is_no_token_counts_as_none(String content) throws Exception {
    token();
    Files.writeString(kept(), content);

    assertThat(token().value()).isEqualTo("token-2");
  }

  @Test
  void what_a_killed_writer_leaves_harms_nobody() throws Exception {
    token();
    Files.writeString(Path.of(kept() + ".new"), "{\"access_to");
    clock.advance(Duration.ofSeconds(590));

    assertThat(token().value()).isEqualTo("token-2");
    assertThat(Path.of(kept() + ".new")).doesNotExist();
  }

  @Test
  void a_cache_that_cannot_be_written_costs_no_second_exchange() throws Exception {
    token();
    Files.createDirectories(Path.of(kept() + ".new").resolve("full"));
    clock.advance(Duration.ofSeconds(590));

    assertThat(token().value()).isEqualTo("token-2");
    assertThat(broker.forms()).hasSize(2);
    assertThat(notes).last().asString().startsWith("the cache cannot be written");
  }

  @Test
  void removes_tokens_that_ended_a_while_ago() throws Exception {
    token();
    Path old = kept();
    clock.advance(Duration.ofSeconds(1201));
    credential = credential(CLAIMS.formatted(",\"ref\":\"main\""));
    token();

    assertThat(old).doesNotExist();
    assertThat(kept()).exists();
  }

  private Path kept() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("cache"))) {
      return files.filter(file -> file.toString().endsWith(".token")).findFirst().orElseThrow();
    }
  }

  private static Deadline deadline() {
    return Deadline.after(Duration.ofSeconds(20));
  }

  private FetchRequest request() throws NoToken {
    return at(broker, null);
  }

  private KeptToken token() throws NoToken, IOException {
    return fetch(request()).token(deadline());
  }

  private NoToken refused(Kind kind) {
    NoToken[] seen = new NoToken[1];
    assertThatExceptionOfType(NoToken.class)
        .isThrownBy(this::token)
        .satisfies(why -> seen[0] = why)
        .returns(kind, NoToken::kind);
    return seen[0];
  }

  private TokenFetch fetch(FetchRequest request) throws IOException {
    return new TokenFetch(
        request,
        _ -> Credential.parse(credential, "the credential"),
        TokenCache.open(directory.resolve("cache"), clock),
        clock,
        new Random(1),
        note -> {
          synchronized (notes) {
            notes.add(note);
          }
        },
        new TokenFetch.Waits(renewal, pauses::add));
  }
}
