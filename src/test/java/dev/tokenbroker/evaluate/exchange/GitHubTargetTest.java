package dev.tokenbroker.evaluate.exchange;

import static dev.tokenbroker.evaluate.exchange.TestExchange.request;
import static dev.tokenbroker.issue.github.GitHubServer.error;
import static dev.tokenbroker.issue.github.GitHubServer.repository;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.refusal.Outcomes;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.evaluate.exchange.TokenExchange.Exchanged;
import dev.tokenbroker.evaluate.exchange.cache.Endings;
import dev.tokenbroker.evaluate.federation.document.Federation;
import dev.tokenbroker.issue.github.GitHubServer;
import dev.tokenbroker.issue.github.TestGitHub;
import dev.tokenbroker.issue.signing.IssuedToken;
import dev.tokenbroker.issue.signing.JwtMinter;
import dev.tokenbroker.issue.signing.TestTokenSettings;
import dev.tokenbroker.issue.sts.TestUpstreams;
import dev.tokenbroker.issue.sts.Upstream;
import dev.tokenbroker.issue.sts.UpstreamDefinition;
import dev.tokenbroker.issue.sts.Upstreams;
import dev.tokenbroker.judge.possession.TokenType;
import dev.tokenbroker.peers.guard.GuardValues;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.PeerClient;
import dev.tokenbroker.peers.http.PeerClients;
import dev.tokenbroker.process.runtime.Latch;
import dev.tokenbroker.process.runtime.TestClock;
import dev.tokenbroker.process.runtime.Unchecked;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Targets of GitHub, over sockets, at a GitHub that checks each header, claim and member. */
class GitHubTargetTest {

  private static final SeededIssuer ISSUER = new SeededIssuer(7);
  private static final String TARGET = "https://github.com/acme";
  private static final String ONE = "Iv23liOneOneOneOneOne";
  private static final String TWO = "1234567";
  private static final String DEPLOYING = "scopes: [contents:read], repositories: '[claims.id]'";

  @AutoClose private static final Vertx VERTX = Vertx.vertx();

  @TempDir Path directory;
  private final TestClock clock = new TestClock();

  /** The clock of GitHub, apart from that of the broker. */
  private final TestClock theirs = new TestClock();

  @AutoClose private final GitHubServer github = GitHubServer.start(theirs);
  private PeerClient client = PeerClients.loopback(VERTX, Duration.ofSeconds(10));
  private final List<Change> changes = new CopyOnWriteArrayList<>();
  private int credentials;

  @BeforeEach
  void register() throws IOException {
    Files.writeString(directory.resolve("one.pem"), github.app(ONE, 71));
    Files.writeString(directory.resolve("two.pem"), github.app(TWO, 72));
  }

  @Test
  void issues_a_repository_token_with_the_permission_of_the_rule() {
    Exchanged ended = ask(exchange(one(), DEPLOYING));

    IssuedToken token = Endings.token(ended);
    assertThat(github.isValid(token.value())).isTrue();
    assertThat(token.scopes()).containsExactly("contents:read", "metadata:read");
    assertThat(token.tokenType()).isEqualTo(TokenType.BEARER);
    assertThat(token.issuedTokenType()).isEqualTo(IssuedToken.ACCESS_TOKEN);
    assertThat(token.expireTime()).isEqualTo(clock.instant().plus(Duration.ofHours(1)));
    assertThat(github.asked())
        .containsExactly(
            Map.of(
                "app",
                ONE,
                "repository_ids",
                List.of(41L),
                "permissions",
                Map.of("contents", "read")));
    assertThat(github.requests())
        .containsExactly("GET /orgs/acme/installation", "POST /app/installations/71/access_tokens");
  }

  @Test
  void asks_for_what_the_target_has_where_the_rule_says_nothing() {
    ask(exchange(one() + ", repositories: [42, 41]", ""));
    ask(exchange(one(), ""));

    Map<String, String> all = Map.of("contents", "write", "issues", "read");
    assertThat(github.asked())
        .containsExactly(
            Map.of("app", ONE, "repository_ids", List.of(41L, 42L), "permissions", all),
            Map.of("app", ONE, "permissions", all));
  }

  @Test
  void asks_for_the_scopes_that_the_caller_chooses() {
    TokenExchange exchange = exchange(one(), "scopes: [contents:read, issues:read]");

    ask(exchange, "issues:read");

    assertThat(github.asked().getFirst()).containsEntry("permissions", Map.of("issues", "read"));
    assertThat(ask(exchange, "contents:write").verdict().reason())
        .isEqualTo(RefusalReason.SCOPE_NOT_GRANTED);
  }

  @Test
  void looks_up_a_user_installation_once_and_again_if_it_changes() {
    github.ofUser();
    TokenExchange exchange = exchange(one(), DEPLOYING);
    Endings.token(ask(exchange));
    Endings.token(ask(exchange));
    assertThat(github.requests()).hasSize(4);

    github.reinstall(ONE, 99);
    Endings.token(ask(exchange));

    assertThat(github.requests().subList(4, 8))
        .containsExactly(
            "POST /app/installations/71/access_tokens",
            "GET /orgs/acme/installation",
            "GET /users/acme/installation",
            "POST /app/installations/99/access_tokens");
  }

  @Test
  void uses_an_installation_that_the_document_names() {
    Endings.token(ask(exchange(one().replace("owner: acme", "installation: 71"), DEPLOYING)));

    assertThat(github.requests()).containsExactly("POST /app/installations/71/access_tokens");
  }

  @Test
  void uses_the_app_with_most_requests_left_and_skips_one_at_limit() {
    github.left(ONE, 100);
    github.left(TWO, 1000);
    TokenExchange exchange = exchange(both(), DEPLOYING);
    for (int i = 0; i < 4; i++) {
      Endings.token(ask(exchange));
    }
    assertThat(apps()).containsExactly(ONE, TWO, TWO, TWO);

    github.left(TWO, 0);
    Exchanged ended = ask(exchange);
    assertThat(Endings.token(ended)).isNotNull();
    assertThat(apps()).endsWith(TWO, ONE);
    Endings.token(ask(exchange));
    assertThat(apps()).endsWith(ONE, ONE);
  }

  @Test
  void keeps_to_one_app_for_check_runs() {
    github.left(ONE, 100);
    github.left(TWO, 1000);
    TokenExchange exchange =
        exchange(both().replace("contents: write", "checks: write"), "scopes: [checks:write]");

    for (int i = 0; i < 3; i++) {
      Endings.token(ask(exchange));
    }

    assertThat(apps()).containsOnly(ONE);
  }

  @Test
  void asks_for_nothing_until_the_limit_of_all_apps_is_over() {
    github.left(ONE, 0);
    github.left(TWO, 0);
    TokenExchange exchange = exchange(both(), DEPLOYING);
    assertThat(refusal(ask(exchange)).reason()).isEqualTo(RefusalReason.UPSTREAM_THROTTLED);
    int requests = github.requests().size();
    assertThat(requests).isEqualTo(2);

    for (int i = 0; i < 50; i++) {
      Refusal refusal = refusal(ask(exchange));
      assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_THROTTLED);
      assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(30));
    }
    assertThat(github.requests()).hasSize(requests);

    clock.advance(Duration.ofMinutes(30));
    theirs.advance(Duration.ofMinutes(30));
    github.left(TWO, 5000);
    github.left(ONE, 5000);
    Endings.token(ask(exchange));
  }

  @Test
  void skips_an_app_with_a_rejected_key_until_it_gets_another_key() throws IOException {
    github.app(TWO, 72);
    Upstreams upstreams = upstreams();
    TokenExchange exchange = exchange(both(), DEPLOYING, upstreams);
    github.left(ONE, 100);
    for (int i = 0; i < 4; i++) {
      Endings.token(ask(exchange));
    }
    assertThat(apps()).containsOnly(ONE);
    assertThat(github.requests()).as("the other one is tried once").hasSize(6);

    Files.writeString(directory.resolve("two.pem"), github.app(TWO, 72));
    upstreams.reread();
    Endings.token(ask(exchange));

    assertThat(apps()).endsWith(TWO);
  }

  @Test
  void tells_what_is_wrong_with_an_app_where_no_other_is_better() throws IOException {
    github.uninstall(ONE);
    github.app(TWO, 72);
    TokenExchange exchange = exchange(both(), DEPLOYING);

    assertThat(refusal(ask(exchange)).reason()).isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
    assertThat(github.requests()).hasSize(3);
  }

  @Test
  void waits_for_a_good_app_at_its_limit_if_the_other_is_rejected() {
    github.left(ONE, 0);
    TokenExchange exchange = exchange(both(), DEPLOYING);
    Endings.token(ask(exchange));
    github.uninstall(TWO);

    for (int i = 0; i < 3; i++) {
      Refusal refusal = refusal(ask(exchange));
      assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_THROTTLED);
      assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(30));
    }
  }

  @Test
  void asks_the_installation_of_another_owner_after_a_reload() {
    Upstreams upstreams = upstreams();
    Endings.token(ask(exchange(one(), DEPLOYING, upstreams)));

    TokenExchange reloaded =
        exchange(one().replace("owner: acme", "owner: umbrella"), DEPLOYING, upstreams);

    assertThat(refusal(ask(reloaded)).reason()).isEqualTo(RefusalReason.UPSTREAM_NOT_PERMITTED);
    assertThat(github.requests()).contains("GET /orgs/umbrella/installation");
    Endings.token(ask(exchange(one().replace("owner: acme", "owner: ACME"), DEPLOYING, upstreams)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\": 71, \"account\": {\"login\": \"umbrella\"}}",
        "{\"id\": 71, \"account\": null}",
        "{\"id\": 0, \"account\": {\"login\": \"acme\"}}"
      })
  void believes_no_installation_of_another_account(String found) {
    github.fail(request -> request.method().equals("GET") ? Reply.of(200, JSON, found) : null);

    Refusal refusal = refusal(ask(exchange(one(), DEPLOYING)));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_ANSWER_MALFORMED);
    assertThat(github.asked()).isEmpty();
  }

  @Test
  void looks_an_installation_up_once_for_many_callers() throws Exception {
    Latch asked = new Latch(1);
    github.fail(
        request -> {
          if (request.method().equals("GET")) {
            asked.await();
          }
          return null;
        });
    TokenExchange exchange = exchange(one(), DEPLOYING);
    List<String> credentials = Stream.generate(this::credential).limit(8).toList();
    List<Exchanged> ends = new CopyOnWriteArrayList<>();

    List<Thread> callers =
        credentials.stream()
            .map(credential -> request(TARGET, credential))
            .map(
                one ->
                    Thread.ofVirtual().start(() -> ends.add(TestExchange.exchange(exchange, one))))
            .toList();
    callers.forEach(GitHubTargetTest::awaitParked);
    asked.countDown();
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(ends).hasSize(8).allSatisfy(end -> assertThat(Endings.token(end)).isNotNull());
    assertThat(github.asked()).hasSize(8);
    assertThat(github.requests()).filteredOn(request -> request.startsWith("GET")).hasSize(1);
  }

  /** Waits until the caller waits. */
  private static void awaitParked(Thread caller) {
    while (caller.getState() == Thread.State.RUNNABLE || caller.getState() == Thread.State.NEW) {
      Thread.onSpinWait();
    }
  }

  @Test
  void a_request_that_is_not_sent_is_no_success() {
    github.left(ONE, 0);
    Upstreams upstreams = upstreams();
    TokenExchange exchange =
        exchange(
            both().replace("contents: write", "checks: write"),
            "scopes: [checks:write]",
            upstreams);
    assertThat(refusal(ask(exchange)).reason()).isEqualTo(RefusalReason.UPSTREAM_THROTTLED);
    int requests = github.requests().size();

    for (int i = 0; i < 3; i++) {
      Refusal refusal = refusal(ask(exchange));
      assertThat(refusal.reason()).isEqualTo(RefusalReason.UPSTREAM_THROTTLED);
      assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(30));
    }

    assertThat(github.requests()).hasSize(requests);
    assertThat(upstreams.inUse().getFirst().status().successes()).isZero();
    assertThat(upstreams.inUse().getFirst().status().attempts()).isEqualTo(1);
  }

  @Test
  void asks_no_other_app_for_check_runs_where_the_first_has_no_key() {
    Upstreams upstreams = upstreams();
    TokenExchange exchange =
        exchange(
            both().replace("contents: write", "checks: write"),
            "scopes: [checks:write]",
            definition -> {
              lose("one.pem");
              return upstreams.of(definition);
            });

    assertThat(refusal(ask(exchange)).reason()).isEqualTo(RefusalReason.UPSTREAM_CLIENT_REFUSED);
    assertThat(github.requests()).isEmpty();
  }

  /** After the check of the document. */
  private void lose(String file) {
    Unchecked.run(() -> Files.deleteIfExists(directory.resolve(file)));
  }

  @Test
  void reports_once_that_github_refuses_what_it_has_granted_before() {
    TokenExchange exchange = exchange(one(), DEPLOYING);
    github.grant(Map.of("issues", "write"));
    ask(exchange);
    assertThat(changes).as("never granted").isEmpty();

    github.grant(Map.of("contents", "read"));
    Endings.token(ask(exchange));
    github.grant(Map.of("issues", "write"));
    ask(exchange);
    ask(exchange);

    assertThat(changes)
        .singleElement()
        .isEqualTo(
            Change.ofUpstream(
                ChangeKind.PERMISSIONS_CHANGED, TARGET, "tokens were granted", "status 422"));
  }

  @Test
  void ends_a_token_that_it_does_not_hand_out() {
    github.lie(members -> with(members, "repository_selection", "all"));

    Refusal refusal = refusal(ask(exchange(one(), DEPLOYING)));

    assertThat(github.requests()).endsWith("DELETE /installation/token");
    assertThat(github.valid()).isEmpty();
    assertThat(refusal.notes()).contains("The token is revoked at GitHub.");

    github.fail(
        request -> request.method().equals("DELETE") ? error(503, "Unavailable", Map.of()) : null);
    assertThat(refusal(ask(exchange(one(), DEPLOYING))).notes())
        .contains("The token could not be revoked at GitHub, so it stays valid until it expires.");
  }

  @Test
  void believes_no_life_beyond_an_hour() {
    github.lie(members -> with(members, "expires_at", "" + clock.instant().plusSeconds(18_000)));

    IssuedToken token = Endings.token(ask(exchange(one(), DEPLOYING)));

    assertThat(token.expireTime()).isEqualTo(clock.instant().plus(Duration.ofHours(1)));
  }

  @Test
  void revokes_a_token_at_github() {
    Upstreams upstreams = upstreams();
    String token = Endings.token(ask(exchange(one(), DEPLOYING, upstreams))).value();
    Upstream upstream = upstreams.inUse().getFirst();

    assertThat(Outcomes.accepted(upstream.revoke(token, TestExchange.enough()))).isTrue();
    assertThat(github.isValid(token)).isFalse();
    assertThat(Outcomes.accepted(upstream.revoke(token, TestExchange.enough()))).isFalse();
    github.answer(error(503, "Service unavailable", Map.of()));
    Outcomes.refused(
        upstream.revoke(token, TestExchange.enough()), RefusalReason.UPSTREAM_UNAVAILABLE);
  }

  @Test
  void explains_what_it_would_ask_for() {
    TokenExchange exchange = exchange(one(), DEPLOYING);

    assertThat(TestExchange.explain(exchange, request(TARGET, credential())).notes())
        .contains("The token is to be for the repositories [41], with contents:read.");
    assertThat(github.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          [claims.id]                 | its repositories hold one that is none of the target
          claims.repository           | its repositories are no list
          [claims.repository]         | its repositories hold something that is no id
          [claims.none]               | its repositories read a claim that is missing
          [1].filter(id, id > 1)      | its repositories are not 1 to 32 ids
          [0]                         | its repositories hold something that is no id
          """)
  void refuses_repositories_that_a_rule_cannot_give(String repositories, String seen) {
    credential = 43;
    TokenExchange exchange =
        exchange(one() + ", repositories: [41, 42]", "repositories: '%s'".formatted(repositories));

    Refusal refusal = refusal(ask(exchange));

    assertThat(refusal.reason()).isEqualTo(RefusalReason.RULE_EVALUATION_FAILED);
    assertThat(refusal.seen()).isEqualTo("rule deploy: " + seen);
    assertThat(github.requests()).isEmpty();
  }

  @Test
  void believes_the_life_that_github_tells_by_its_own_clock() {
    theirs.advance(Duration.ofSeconds(40));

    IssuedToken token = Endings.token(ask(exchange(one(), DEPLOYING)));

    assertThat(token.expireTime()).isEqualTo(clock.instant().plus(Duration.ofHours(1)));
  }

  /** Each row: an error in reply to each request, or only to that for a token. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          each  | 404 | Integration not found                | | NOT_PERMITTED | gration      | 0 | 2
          token | 403 | This installation has been suspended | | NOT_PERMITTED | is suspended | 0 | 2
          token | 403 | Resource not accessible by integration | | NOT_PERMITTED | Resource not accessible | 0 | 2
          token | 404 | Not Found                            | | NOT_PERMITTED | There is no installation | 0 | 2
          each  | 403 | API rate limit exceeded | 1795522200     | THROTTLED   | '' | 600  | 1
          each  | 429 | API rate limit exceeded | 1795522200     | THROTTLED   | '' | 600  | 1
          each  | 403 | API rate limit exceeded | 1795500000000  | THROTTLED   | '' | 3600 | 1
          each  | 403 | You have exceeded       | Retry-After 90 | THROTTLED   | '' | 90   | 1
          each  | 403 | You have exceeded a secondary rate limit. | | THROTTLED | '' | 60 | 1
          each  | 429 | Slow down               |                | THROTTLED   | '' | 60   | 1
          each  | 500 | Server Error            |                | UNAVAILABLE | '' | 0    | 3
          """)
  void tells_what_is_to_be_mended_after_an_error(
      String where,
      int status,
      String message,
      @Nullable String limit,
      String reason,
      String hint,
      int pushback,
      int requests) {
    Map<String, String> headers = limit == null ? Map.of() : limits(limit);
    Reply reply = error(status, message, headers);
    tells_what_is_to_be_mended(
        where.equals("each") ? fail(reply) : token(reply),
        TargetFailure.of(reason, hint, Duration.ofSeconds(pushback), requests));
  }

  /** The headers of a limit: the time of its end, or how long to wait. */
  private static Map<String, String> limits(String limit) {
    return limit.startsWith("Retry-After ")
        ? Map.of("Retry-After", limit.substring("Retry-After ".length()))
        : Map.of("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", limit);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void tells_what_is_to_be_mended(Consumer<GitHubTargetTest> broken, TargetFailure expected) {
    broken.accept(this);
    TokenExchange exchange = exchange(one(), DEPLOYING);

    Exchanged ended = ask(exchange);

    Refusal refusal = refusal(ended);
    expected.assertEnd(
        ended, String.join(" ", refusal.hints()) + refusal.notes(), github.requests().size());
    assertThat(refusal.toString()).doesNotContain("eyJ0.", "ghs_");
    mend();
    Endings.token(ask(exchange(one(), DEPLOYING)));
  }

  static List<Arguments> failures() {
    Reply page = Reply.of(502, Map.of("Content-Type", "text/html"), "<h1>Unicorn!</h1>");
    Reply moved = Reply.of(301, Map.of("Location", "/renamed"), "{}");
    Reply none = Reply.of(404, Map.of("Content-Type", "text/html"), "<p>no page");
    Consumer<GitHubTargetTest> ahead = test -> test.theirs.advance(Duration.ofMinutes(-5));
    Consumer<GitHubTargetTest> behind = test -> test.theirs.advance(Duration.ofMinutes(15));
    Consumer<GitHubTargetTest> less = test -> test.github.grant(Map.of("issues", "read"));
    Consumer<GitHubTargetTest> hung = fail(Reply.hang()).andThen(GitHubTargetTest::losePatience);
    String off = "The broker's clock is %d s %s that of GitHub";
    String client = "CLIENT_REFUSED";
    String malformed = "ANSWER_MALFORMED";
    String unusable = "TOKEN_UNUSABLE";
    String wide = "SCOPE_TOO_WIDE";
    String refused = "REQUEST_REFUSED";
    String notGranted = "The permissions requested are not granted";
    return List.of(
        row("another key", test -> test.github.app(ONE, 71), client, "does not accept the JWT", 1),
        row("a clock 5 minutes ahead", ahead, client, off.formatted(300, "ahead of"), 1),
        row("a clock 15 minutes behind", behind, client, off.formatted(900, "behind"), 1),
        row("not installed", test -> test.github.uninstall(ONE), NOT, "install the App", 2),
        row("permission not a subset", less, refused, notGranted, 2),
        row(
            "repository unknown",
            test -> test.credential = 4711,
            refused,
            "at least one repository that does not exist",
            2),
        row("a page of a gateway", fail(page), "UNAVAILABLE", "text/html", 3),
        row("hung", hung, "TIMED_OUT", "", 1),
        row("gone away", fail(Reply.drop()), "UNREACHABLE", "", 3),
        row("a redirect", fail(moved), malformed, "Location", 1),
        row("a wrong address", fail(none), malformed, "", 1),
        row("huge", fail(Reply.chunked(300 * 1024)), malformed, "", 1),
        row("no JSON", token(Reply.of(201, JSON, "{\"token\": \"ghs_")), malformed, "", 2),
        row("no token", lie(members -> without(members, "token")), malformed, "", 2),
        changed("an unfit token", "token", "ghs_a b", malformed, 2),
        changed("no end", "expires_at", "soon", malformed, 2),
        row("no permissions", lie(members -> without(members, "permissions")), malformed, "", 2),
        changed("a token of the past", "expires_at", "2026-11-24T11:00:00Z", unusable, 3),
        changed("a token of years", "expires_at", "2030-11-24T11:00:00Z", unusable, 3),
        lied("another permission", "permissions", READ_BOTH, wide),
        lied("a higher level", "permissions", Map.of("contents", "write"), wide),
        lied("no permission", "permissions", Map.of("metadata", "read"), NOT),
        lied("all repositories", "repository_selection", "all", wide),
        lied("more repositories", "repositories", List.of(repository(41), repository(42)), wide),
        lied("no repository", "repositories", List.of(), NOT));
  }

  private static final String NOT = "NOT_PERMITTED";
  private static final Map<String, String> READ_BOTH = Map.of("contents", "read", "issues", "read");
  private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");

  private static Arguments row(
      String name, Consumer<GitHubTargetTest> broken, String reason, String hint, int requests) {
    return argumentSet(name, broken, TargetFailure.of(reason, hint, Duration.ZERO, requests));
  }

  private static Arguments changed(
      String name, String member, String value, String reason, int requests) {
    return row(name, lie(members -> with(members, member, value)), reason, "", requests);
  }

  private static Arguments lied(String name, String member, Object value, String reason) {
    Consumer<GitHubTargetTest> lie = lie(members -> with(members, member, value));
    return row(name, lie, reason, "GitHub granted something else", 3);
  }

  private void losePatience() {
    client = PeerClients.loopback(VERTX, Duration.ofMillis(300));
  }

  private static Consumer<GitHubTargetTest> fail(Reply reply) {
    return test -> test.github.answer(reply);
  }

  /** Fails where a token is asked for, not where the installation is. */
  private static Consumer<GitHubTargetTest> token(Reply reply) {
    return test -> test.github.fail(request -> request.method().equals("POST") ? reply : null);
  }

  private static Consumer<GitHubTargetTest> lie(UnaryOperator<Map<String, Object>> change) {
    return test -> test.github.lie(change);
  }

  private static Map<String, Object> with(Map<String, Object> members, String name, Object value) {
    Map<String, Object> changed = new HashMap<>(members);
    changed.put(name, value);
    return changed;
  }

  private static Map<String, Object> without(Map<String, Object> members, String name) {
    Map<String, Object> changed = new HashMap<>(members);
    changed.remove(name);
    return changed;
  }

  private void mend() {
    client = PeerClients.loopback(VERTX, Duration.ofSeconds(10));
    github.fail(_ -> null);
    github.lie(members -> members);
    github.grant(Map.of("contents", "write", "issues", "write"));
    github.reinstall(ONE, 71);
    credential = 41;
    theirs.advance(Duration.between(theirs.instant(), clock.instant()));
    Unchecked.run(this::register);
  }

  private String one() {
    return "app: " + ONE + ", keyFile: one.pem, owner: acme, " + PERMISSIONS;
  }

  private String both() {
    return "apps: [{app: %s, keyFile: one.pem}, {app: %s, keyFile: two.pem}], owner: acme, "
            .formatted(ONE, TWO)
        + PERMISSIONS;
  }

  private static final String PERMISSIONS = "permissions: {contents: write, issues: read}";

  private long credential = 41;

  private Upstreams upstreams() {
    return TestUpstreams.of(
        client,
        GuardValues.defaults().withBackOffBase(Duration.ofMillis(1)),
        new JwtMinter(TestGitHub.keys(clock), TestTokenSettings.defaults(), clock),
        changes::add,
        clock);
  }

  private TokenExchange exchange(String declared, String granted) {
    return exchange(declared, granted, upstreams());
  }

  private TokenExchange exchange(String declared, String granted, Upstreams upstreams) {
    return exchange(declared, granted, upstreams::of);
  }

  private TokenExchange exchange(
      String declared, String granted, Function<UpstreamDefinition, Upstream> upstreams) {
    String issuers = ISSUER.federation();
    String document =
        """
        %s
        targets:
          - audience: %s
            github: {%s, baseUrl: '%s'}
        rules:
          - {name: deploy, issuer: acme, audience: '%s', when: 'claims.repository == "acme/payments"', outliveCredential: true%s}
        """
            .formatted(
                issuers.substring(0, issuers.indexOf("targets:")),
                TARGET,
                declared,
                github.origin(),
                TARGET,
                granted.isEmpty() ? "" : ", " + granted);
    Federation federation = TestExchange.federation(directory, document, upstreams, clock);
    return TestExchange.by(federation, clock, List.of()).build();
  }

  /** Asks with a new credential, for which nothing is kept. */
  private Exchanged ask(TokenExchange exchange, String... scopes) {
    return TestExchange.exchange(exchange, request(TARGET, credential(), scopes));
  }

  private String credential() {
    long issued = TestClock.START.getEpochSecond() - 60;
    return ISSUER.sign(
        """
        {"iss":"%s","sub":"repo:acme/payments","aud":"%s","exp":%d,"iat":%d,"jti":"%d",\
        "repository":"acme/payments","id":"%d"}\
        """
            .formatted(
                SeededIssuer.ISSUER,
                SeededIssuer.AUDIENCE,
                issued + 36_000,
                issued,
                credentials++,
                credential));
  }

  private List<Object> apps() {
    return github.asked().stream().map(asked -> asked.get("app")).toList();
  }

  private static Refusal refusal(Exchanged ended) {
    return Outcomes.refused(ended.outcome());
  }
}
