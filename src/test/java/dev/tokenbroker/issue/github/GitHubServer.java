package dev.tokenbroker.issue.github;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import dev.tokenbroker.issue.signing.TestKeyFiles;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Reply;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.security.KeyPair;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * GitHub's REST API for Apps on loopback, as its documentation describes it: it checks each header,
 * claim and member of a request, and answers what is wrong with GitHub's own words. A test may make
 * it answer anything else.
 *
 * @see <a href="https://docs.github.com/en/rest/apps/apps">REST API endpoints for GitHub Apps</a>
 */
public final class GitHubServer implements AutoCloseable {

  public static final String OWNER = "acme";

  /** The repositories of the account, by id. */
  private static final Map<Long, String> REPOSITORIES =
      new TreeMap<>(Map.of(41L, "payments", 42L, "orders", 43L, "site"));

  private static final Pattern LOOKUP = Pattern.compile("/(orgs|users)/([^/]+)/installation");
  private static final Pattern TOKENS = Pattern.compile("/app/installations/(\\d+)/access_tokens");
  private static final int LIMIT = 5000;

  /** The keys of the Apps of each server, in the order of registration: they are slow to make. */
  private static final List<KeyPair> PAIRS =
      Stream.generate(() -> TestKeyFiles.rsa(2048)).limit(5).toList();

  private final FakeServer server;
  private final InstantSource clock;
  private final AtomicInteger registered = new AtomicInteger();
  private final Map<String, RSAPublicKey> apps = new ConcurrentHashMap<>();
  private final Map<String, Long> installations = new ConcurrentHashMap<>();
  private final Map<String, Integer> remaining = new ConcurrentHashMap<>();
  private final Set<String> valid = ConcurrentHashMap.newKeySet();
  private final List<Map<String, Object>> asked = Collections.synchronizedList(new ArrayList<>());
  private volatile Map<String, String> permissions =
      Map.of("contents", "write", "issues", "write", "checks", "write", "metadata", "read");
  private volatile Function<Request, @Nullable Reply> fault = _ -> null;
  private volatile Function<Map<String, Object>, Map<String, Object>> lie = response -> response;
  private volatile String kind = "orgs";

  private GitHubServer(InstantSource clock, @Nullable SSLContext tls) {
    this.clock = clock;
    this.server = FakeServer.start(tls, this::answer);
  }

  /**
   * Starts it on a port that the system chooses.
   *
   * @param clock the time by which it judges JWTs
   */
  public static GitHubServer start(InstantSource clock) {
    return new GitHubServer(clock, null);
  }

  /** As {@link #start}, by TLS with that certificate. */
  public static GitHubServer startTls(InstantSource clock, SSLContext tls) {
    return new GitHubServer(clock, tls);
  }

  /**
   * Registers an App with a key that no other App of this server has, and installs it for {@link
   * #OWNER}.
   *
   * @return its private key as GitHub gives it to download
   */
  public String app(String id, long installation) {
    KeyPair pair = PAIRS.get(registered.getAndIncrement());
    apps.put(id, (RSAPublicKey) pair.getPublic());
    installations.put(id, installation);
    remaining.put(id, LIMIT);
    return pkcs1(pair);
  }

  /** A private key in the form of GitHub: the content of PKCS #8 after its algorithm. */
  public static String pkcs1(KeyPair pair) {
    byte[] info = ((RSAPrivateCrtKey) pair.getPrivate()).getEncoded();
    byte[] key = new byte[info.length - 26];
    System.arraycopy(info, 26, key, 0, key.length);
    return TestKeyFiles.pem("RSA PRIVATE KEY", key);
  }

  /** Accounts of users have their installations at another address than organizations. */
  public void ofUser() {
    kind = "users";
  }

  public void uninstall(String app) {
    installations.remove(app);
  }

  public void reinstall(String app, long installation) {
    installations.put(app, installation);
  }

  public void grant(Map<String, String> levels) {
    permissions = Map.copyOf(levels);
  }

  /** How many requests it still takes of an App in this hour. */
  public void left(String app, int requests) {
    remaining.put(app, requests);
  }

  /** Answers in place of GitHub where that is not null. */
  public void fail(Function<Request, @Nullable Reply> instead) {
    fault = instead;
  }

  /** Answers so to each request. */
  public void answer(Reply reply) {
    fault = _ -> reply;
  }

  /** Changes the members of responses with a token. */
  public void lie(Function<Map<String, Object>, Map<String, Object>> change) {
    lie = change;
  }

  /** An error as GitHub's. */
  public static Reply error(int status, String message, Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put("Content-Type", "application/json; charset=utf-8");
    return Reply.of(
        status,
        all,
        JSONObjectUtils.toJSONString(
            Map.of(
                "message",
                message,
                "documentation_url",
                "https://docs.github.com/rest",
                "status",
                "" + status)));
  }

  /** The bodies of good requests for tokens, each with its App as {@code app}. */
  public List<Map<String, Object>> asked() {
    synchronized (asked) {
      return List.copyOf(asked);
    }
  }

  /** The tokens that it has issued and not revoked. */
  public Set<String> valid() {
    return Set.copyOf(valid);
  }

  public boolean isValid(String token) {
    return valid.contains(token);
  }

  public String origin() {
    return server.origin();
  }

  /** The methods and paths of all requests. */
  public List<String> requests() {
    return server.requests().stream()
        .map(request -> request.method() + " " + request.target())
        .toList();
  }

  @Override
  public void close() {
    server.close();
  }

  private Reply answer(Request request) {
    Reply instead = fault.apply(request);
    if (instead != null) {
      return instead;
    }
    String wrong = headers(request.headers());
    if (wrong != null) {
      return failure(400, "The test's GitHub expects other headers: " + wrong, Map.of());
    }
    String bearer =
        request.headers().getOrDefault("authorization", "").substring("Bearer ".length());
    if (request.method().equals("DELETE") && request.target().equals("/installation/token")) {
      return valid.remove(bearer)
          ? Reply.of(204, Map.of(), "")
          : failure(401, "Bad credentials", Map.of());
    }
    String app = app(bearer);
    if (app.startsWith("'") || app.startsWith("A ")) {
      return failure(401, app, Map.of());
    }
    int left = remaining.merge(app, -1, Integer::sum);
    Map<String, String> limits =
        Map.of(
            "X-RateLimit-Limit", "" + LIMIT,
            "X-RateLimit-Remaining", "" + Math.max(0, left),
            "X-RateLimit-Reset", "" + (now().getEpochSecond() + 1800));
    if (left < 0) {
      return failure(403, "API rate limit exceeded for app " + app, limits);
    }
    Matcher lookup = LOOKUP.matcher(request.target());
    if (request.method().equals("GET") && lookup.matches()) {
      Long installation = installations.get(app);
      return installation == null
              || !lookup.group(1).equals(kind)
              || !lookup.group(2).equalsIgnoreCase(OWNER)
          ? failure(404, "Not Found", limits)
          : json(200, Map.of("id", installation, "account", Map.of("login", OWNER)), limits);
    }
    Matcher tokens = TOKENS.matcher(request.target());
    if (request.method().equals("POST") && tokens.matches()) {
      return Long.valueOf(tokens.group(1)).equals(installations.get(app))
          ? token(app, request, limits)
          : failure(404, "Not Found", limits);
    }
    return failure(404, "Not Found", limits);
  }

  /** What is wrong with the headers; null if nothing is. */
  private static @Nullable String headers(Map<String, String> headers) {
    Map<String, String> expected =
        Map.of(
            "accept", "application/vnd.github+json",
            "x-github-api-version", "2022-11-28",
            "user-agent", "token-broker");
    for (Map.Entry<String, String> each : expected.entrySet()) {
      if (!each.getValue().equals(headers.get(each.getKey()))) {
        return each.getKey() + " is " + headers.get(each.getKey());
      }
    }
    return headers.getOrDefault("authorization", "").startsWith("Bearer ")
        ? null
        : "no bearer token";
  }

  /** The App that a JWT proves; or GitHub's words about a bad one, which no App has as its id. */
  private String app(String bearer) {
    try {
      SignedJWT jwt = SignedJWT.parse(bearer);
      Map<String, Object> claims = jwt.getPayload().toJSONObject();
      if (!jwt.getHeader().toJSONObject().equals(Map.of("alg", "RS256", "typ", "JWT"))
          || !claims.keySet().equals(Set.of("iat", "exp", "iss"))
          || !(claims.get("iat") instanceof Long issued)
          || !(claims.get("exp") instanceof Long end)
          || !(claims.get("iss") instanceof String id)) {
        return "A JSON web token could not be decoded";
      }
      long time = now().getEpochSecond();
      if (end <= time) {
        return "'Expiration time' claim ('exp') must be a numeric value representing the future"
            + " time at which the assertion expires";
      }
      if (end > time + 600 || end > issued + 600) {
        return "'Expiration time' claim ('exp') is too far in the future";
      }
      if (issued > time) {
        return "'Issued at' claim ('iat') must be an Integer representing the time that the"
            + " assertion was issued";
      }
      RSAPublicKey key = apps.get(id);
      return key != null && jwt.verify(new RSASSAVerifier(key))
          ? id
          : "A JSON web token could not be decoded";
    } catch (ParseException | JOSEException unreadable) {
      return "A JSON web token could not be decoded";
    }
  }

  private Reply token(String app, Request request, Map<String, String> limits) {
    Map<String, Object> body;
    try {
      body = JSONObjectUtils.parse(request.body());
    } catch (ParseException malformed) {
      return failure(400, "Problems parsing JSON", limits);
    }
    if (!"application/json".equals(request.headers().get("content-type"))
        || !Set.of("repository_ids", "permissions").containsAll(body.keySet())
        || !(body.get("permissions") instanceof Map<?, ?> wanted)) {
      return failure(422, "The test's GitHub expects other members", limits);
    }
    for (Map.Entry<?, ?> each : wanted.entrySet()) {
      String most = permissions.get(each.getKey());
      if (most == null || (each.getValue().equals("write") && !most.equals("write"))) {
        return failure(
            422, "The permissions requested are not granted to this installation.", limits);
      }
    }
    List<?> ids = (List<?>) body.get("repository_ids");
    if (ids != null && !REPOSITORIES.keySet().containsAll(ids)) {
      return failure(
          422,
          "There is at least one repository that does not exist or is not accessible to the parent"
              + " installation.",
          limits);
    }
    Map<String, Object> told = new LinkedHashMap<>(body);
    told.put("app", app);
    asked.add(told);
    // Neither a length nor a beginning is promised.
    String token = (asked.size() % 2 == 0 ? "ghs_" : "eyJ0.") + "x".repeat(40 * asked.size());
    valid.add(token);
    Map<String, Object> granted = new TreeMap<>();
    wanted.forEach((name, level) -> granted.put((String) name, level));
    granted.put("metadata", "read");
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("token", token);
    response.put("expires_at", now().plusSeconds(3600).toString());
    response.put("permissions", granted);
    response.put("repository_selection", ids == null ? "all" : "selected");
    if (ids != null) {
      response.put("repositories", ids.stream().map(id -> repository((Long) id)).toList());
    }
    return json(201, lie.apply(response), limits);
  }

  /** As large as GitHub's, which describe each by some KiB. */
  public static Map<String, Object> repository(long id) {
    String name = REPOSITORIES.getOrDefault(id, "other");
    return Map.of(
        "id", id, "name", name, "full_name", OWNER + "/" + name, "description", "d".repeat(5000));
  }

  private Reply json(int status, Map<String, Object> members, Map<String, String> limits) {
    Map<String, String> headers = new HashMap<>(limits);
    headers.put("Content-Type", "application/json; charset=utf-8");
    headers.put("Date", FakeServer.date(now()));
    return Reply.of(status, headers, JSONObjectUtils.toJSONString(members));
  }

  private Reply failure(int status, String message, Map<String, String> limits) {
    Map<String, String> headers = new HashMap<>(limits);
    headers.put("Date", FakeServer.date(now()));
    return error(status, message, headers);
  }

  private Instant now() {
    return clock.instant();
  }
}
