package dev.tokenbroker.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.tokenbroker.issue.github.GitHubServer;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs of others that run the packaged {@code fetch} as their credential helper, unmodified, at
 * servers that verify its tokens.
 */
@Tag("interop")
class HelpersIT {

  private static final String GIT = "git.acme.example";
  private static final String GITHUB = "https://github.com/acme";
  private static final String REGISTRY = "registry.acme.example";
  private static final String GOOGLE =
      "https://iam.googleapis.com/projects/1234/locations/global/workloadIdentityPools/acme/providers/broker";

  @TempDir Path home;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final GitHubServer github = GitHubServer.start(InstantSource.system());
  private final TestTls authority = TestTls.generate();

  // Both are there before the test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private Path root;

  @BeforeEach
  void start() throws IOException {
    StringBuilder federation =
        new StringBuilder(
            "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n"
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE));
    federation.append("targets:\n");
    List<String> audiences = List.of(GIT, REGISTRY, GOOGLE);
    audiences.forEach(
        audience ->
            federation.append("  - {audience: '%s', mint: {lifetime: 10m}}\n".formatted(audience)));
    Path directory = Files.createDirectory(home.resolve("broker"));
    Files.writeString(directory.resolve("app.pem"), github.app("1234567", 71));
    federation.append(
        "  - {audience: '%s', github: {app: 1234567, keyFile: app.pem, owner: acme, permissions: {contents: write}, baseUrl: '%s'}}\n"
            .formatted(GITHUB, github.origin()));
    federation.append("rules:\n");
    federation.append(
        "  - {name: github, issuer: ci, when: 'true', audience: '%s', repositories: [41], outliveCredential: true}\n"
            .formatted(GITHUB));
    for (int i = 0; i < audiences.size(); i++) {
      federation.append(
          "  - {name: rule-%d, issuer: ci, when: 'true', audience: '%s', subject: '\"github:42\"'}\n"
              .formatted(i, audiences.get(i)));
    }
    broker = InteropBroker.start(directory, federation.toString(), Map.of());
    root = authority.writeRoot(Files.createDirectory(home.resolve("trusted")));
    Files.writeString(home.resolve("credential"), issuer.credential() + "\n");
  }

  @AfterEach
  void stop() {
    broker.close();
    github.close();
    issuer.close();
  }

  @Test
  void git_pushes_and_fetches_and_stores_nothing() throws Exception {
    Path shared = Files.createDirectory(home.resolve("shared"));
    try (TokenDoor door =
        TokenDoor.open(authority.server("localhost"), broker, GIT, gitBackend(shared))) {
      pushAndClone(door, GIT, shared);

      assertThat(door.shown()).isNotEmpty().containsOnly("x-access-token github:42");
    }
  }

  @Test
  void git_pushes_by_installation_tokens_of_github() throws Exception {
    Path shared = Files.createDirectory(home.resolve("shared"));
    try (TokenDoor door =
        TokenDoor.open(
            authority.server("localhost"),
            token -> github.isValid(token) ? "an installation" : null,
            gitBackend(shared))) {
      pushAndClone(door, GITHUB, shared);

      assertThat(door.shown()).isNotEmpty().containsOnly("x-access-token an installation");
      assertThat(github.asked().getFirst())
          .containsEntry("repository_ids", List.of(41L))
          .containsEntry("permissions", Map.of("contents", "write"));
    }
  }

  private void pushAndClone(TokenDoor door, String audience, Path shared) throws Exception {
    DebianProgram.GIT.run("init", "--quiet", "--bare", shared.resolve("app.git").toString());
    Map<String, String> user = gitUser(door.host(), Map.of(door.host(), options(audience)));
    String url = "https://" + door.host() + "/app.git";
    Path work = home.resolve("work");
    DebianProgram.GIT.run(user, "clone", "--quiet", url, work.toString());
    DebianProgram.GIT.run(user, in(work, "commit", "--quiet", "--allow-empty", "-m", "First"));
    DebianProgram.GIT.run(user, in(work, "push", "--quiet", "origin", "HEAD:refs/heads/first"));
    Path again = home.resolve("again");
    DebianProgram.GIT.run(user, "clone", "--quiet", "--branch", "first", url, again.toString());
    String log = DebianProgram.GIT.run(user, in(again, "log", "--format=%s"));

    assertThat(log.strip()).isEqualTo("First");
    assertThat(home.resolve("stored")).doesNotExist();
  }

  @Test
  void git_gets_nothing_for_a_host_that_the_user_has_not_listed() throws Exception {
    try (TokenDoor door =
        TokenDoor.open(authority.server("localhost"), broker, GIT, gitBackend(home))) {
      Map<String, String> user = gitUser(door.host(), Map.of("other.example", options(GIT)));
      String url = "https://" + door.host() + "/app.git";

      assertThatThrownBy(() -> DebianProgram.GIT.run(user, "ls-remote", url))
          .hasMessageContaining("could not read Username");
      assertThat(door.shown()).isEmpty();
    }
  }

  private Map<String, String> gitUser(String host, Map<String, String> hosts) throws IOException {
    Map<String, String> user = new HashMap<>(HelperPrograms.install(home, hosts).environment());
    Path settings =
        Files.writeString(
            home.resolve(".gitconfig"),
            """
            [user]
              name = Test
              email = test@acme.example
            [http]
              sslCAInfo = %s
            [credential "https://%s"]
              helper = token-broker
            [credential]
              helper = store --file=%s
            """
                .formatted(root, host, home.resolve("stored")));
    user.put("GIT_CONFIG_GLOBAL", settings.toString());
    user.put("GIT_CONFIG_NOSYSTEM", "1");
    user.put("GIT_TERMINAL_PROMPT", "0");
    return user;
  }

  private static String[] in(Path directory, String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "-C";
    all[1] = directory.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return all;
  }

  /** git's own server, by CGI. */
  private static HttpHandler gitBackend(Path repositories) {
    return exchange -> {
      Headers headers = exchange.getRequestHeaders();
      ProcessBuilder builder =
          new ProcessBuilder(DebianProgram.GIT.present().toString(), "http-backend");
      Map<String, String> cgi = builder.environment();
      cgi.keySet().retainAll(List.of("PATH"));
      byte[] body = exchange.getRequestBody().readAllBytes();
      cgi.put("GIT_PROJECT_ROOT", repositories.toString());
      cgi.put("GIT_HTTP_EXPORT_ALL", "1");
      cgi.put("REMOTE_USER", "caller");
      cgi.put("REQUEST_METHOD", exchange.getRequestMethod());
      cgi.put("PATH_INFO", exchange.getRequestURI().getPath());
      cgi.put("QUERY_STRING", Objects.toString(exchange.getRequestURI().getQuery(), ""));
      cgi.put("CONTENT_TYPE", Objects.toString(headers.getFirst("Content-Type"), ""));
      cgi.put("CONTENT_LENGTH", "" + body.length);
      cgi.put("HTTP_CONTENT_ENCODING", Objects.toString(headers.getFirst("Content-Encoding"), ""));
      cgi.put("GIT_PROTOCOL", Objects.toString(headers.getFirst("Git-Protocol"), ""));
      Process backend = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (var input = backend.getOutputStream()) {
        input.write(body);
      }
      byte[] answer = backend.getInputStream().readAllBytes();
      int head = new String(answer, ISO_8859_1).indexOf("\r\n\r\n");
      int status = 200;
      for (String line : new String(answer, 0, head, ISO_8859_1).lines().toList()) {
        String[] pair = line.split(": ", 2);
        if (pair[0].equals("Status")) {
          status = Integer.parseInt(pair[1].substring(0, 3));
        } else {
          exchange.getResponseHeaders().set(pair[0], pair[1]);
        }
      }
      int from = head + 4;
      exchange.sendResponseHeaders(status, answer.length == from ? -1 : answer.length - from);
      exchange.getResponseBody().write(answer, from, answer.length - from);
    };
  }

  @Test
  void skopeo_pushes_to_a_registry_and_reads_from_it() throws Exception {
    try (HeldPort port = new HeldPort();
        ServerProcess registry = registry(port);
        TokenDoor door =
            TokenDoor.open(authority.server("localhost"), broker, REGISTRY, forward(port))) {
      assertThat(registry).isNotNull();
      Map<String, String> user =
          HelperPrograms.install(home, Map.of(door.host(), options(REGISTRY))).environment();
      Path settings =
          Files.writeString(
              home.resolve("config.json"),
              "{\"credHelpers\": {\"%s\": \"token-broker\"}}".formatted(door.host()));
      Path certificates = Files.createDirectory(home.resolve("certificates"));
      Files.copy(root, certificates.resolve("ca.crt"));
      String image = "docker://" + door.host() + "/acme/app:1";
      DebianProgram.SKOPEO.run(
          user,
          "copy",
          "--insecure-policy",
          "--authfile",
          settings.toString(),
          "--dest-cert-dir",
          certificates.toString(),
          "dir:" + image(),
          image);
      String read =
          DebianProgram.SKOPEO.run(
              user,
              "inspect",
              "--config",
              "--authfile",
              settings.toString(),
              "--cert-dir",
              certificates.toString(),
              image);

      assertThat(JSONObjectUtils.parse(read)).containsEntry("architecture", "amd64");
      assertThat(door.shown()).isNotEmpty().containsOnly("token github:42");
    }
  }

  private ServerProcess registry(HeldPort port) throws IOException {
    Path settings =
        Files.writeString(
            home.resolve("registry.yml"),
            """
            version: 0.1
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: '127.0.0.1:%d', relativeurls: true, secret: test}
            """
                .formatted(home.resolve("registry"), port.number()));
    return ServerProcess.start(
        DebianProgram.REGISTRY,
        port.number(),
        home.resolve("registry.log"),
        "serve",
        settings.toString());
  }

  /** The smallest image: one empty layer. */
  private Path image() throws IOException {
    Path image = Files.createDirectory(home.resolve("image"));
    Files.writeString(image.resolve("version"), "Directory Transport Version: 1.1\n");
    byte[] layer = new byte[1024];
    String config =
        """
        {"architecture": "amd64", "os": "linux", "config": {},
         "rootfs": {"type": "layers", "diff_ids": ["sha256:%s"]}}
        """
            .formatted(digest(layer));
    String manifest =
        """
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
         "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": %d, "digest": "sha256:%s"},
         "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "size": %d, "digest": "sha256:%s"}]}
        """
            .formatted(
                config.length(), digest(config.getBytes(UTF_8)), layer.length, digest(layer));
    Files.write(image.resolve(digest(layer)), layer);
    Files.writeString(image.resolve(digest(config.getBytes(UTF_8))), config);
    Files.writeString(image.resolve("manifest.json"), manifest);
    return image;
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Passes a request on to the registry, which itself lets in everybody. */
  private static HttpHandler forward(HeldPort port) {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return exchange -> {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port.number() + exchange.getRequestURI()))
              .method(
                  exchange.getRequestMethod(),
                  BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
      for (String name : List.of("Accept", "Content-Type", "Content-Range", "Range")) {
        exchange
            .getRequestHeaders()
            .getOrDefault(name, List.of())
            .forEach(value -> request.header(name, value));
      }
      respond(exchange, send(client, request.build()));
    };
  }

  private static HttpResponse<byte[]> send(HttpClient client, HttpRequest request)
      throws IOException {
    try {
      return client.send(request, BodyHandlers.ofByteArray());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static void respond(HttpExchange exchange, HttpResponse<byte[]> response)
      throws IOException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (head || !name.equalsIgnoreCase("content-length")) {
                exchange.getResponseHeaders().put(name, values);
              }
            });
    byte[] body = response.body();
    exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  @Test
  void the_kubelet_gets_a_token_for_its_named_service_account() throws Exception {
    HelperPrograms programs =
        HelperPrograms.install(
            home, Map.of(REGISTRY, options(REGISTRY).replaceAll(" --credential .*", "")));
    ProcessBuilder builder =
        new ProcessBuilder(programs.program(HelperPrograms.KUBELET).toString());
    builder.environment().clear();
    builder.environment().putAll(programs.environment());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var input = process.outputWriter(UTF_8)) {
      input.write(
          """
          {"apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest",
           "image": "registry.acme.example/acme/app:1", "serviceAccountToken": "%s",
           "serviceAccountAnnotations": {}}
          """
              .formatted(issuer.credential()));
    }
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    Answer answer = new Answer(JSONObjectUtils.parse(printed));
    assertThat(process.exitValue()).isZero();
    assertThat(answer.text("apiVersion")).isEqualTo("credentialprovider.kubelet.k8s.io/v1");
    assertThat(answer.text("kind")).isEqualTo("CredentialProviderResponse");
    assertThat(answer.text("cacheKeyType")).isEqualTo("Registry");
    assertThat(answer.text("cacheDuration")).matches("[1-4]\\d{2}s");
    assertThat(answer.text("auth", REGISTRY, "username")).isEqualTo("token");
    JWTClaimsSet claims = broker.verified(answer.text("auth", REGISTRY, "password"));
    assertThat(claims.getAudience()).containsExactly(REGISTRY);
  }

  @Test
  void googles_library_runs_it_as_its_executable() throws Exception {
    HelperPrograms programs = HelperPrograms.install(home, Map.of());
    try (GoogleSts google = new GoogleSts()) {
      Path account = home.resolve("account.json");
      String command = programs.command() + " fetch --output google-executable " + options(GOOGLE);
      Files.writeString(
          account,
          Documented.changed(
              Documented.block("use/targets/google.md", "json", "universe_domain"),
              Map.of(
                  "https://sts.googleapis.com/v1/token",
                  google.tokenUrl(broker),
                  "{\"file\": \"/run/broker/token\"}",
                  "{\"executable\": {\"command\": \"%s\", \"timeout_millis\": 30000}}"
                      .formatted(command))));
      Map<String, String> environment = new HashMap<>(programs.environment());
      environment.put("GOOGLE_APPLICATION_CREDENTIALS", account.toString());
      environment.put("GOOGLE_CLOUD_PROJECT", "acme");
      environment.put("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "1");

      String printed =
          Build.runNode(
              home,
              environment,
              Documented.block("use/targets/google.md", "js", "google-auth-library")
                  + "\nconsole.log(token);");

      assertThat(printed).isEqualTo(GoogleSts.TOKEN);
    }
  }

  @Test
  void curl_sends_the_header_that_it_prints() throws Exception {
    HelperPrograms programs = HelperPrograms.install(home, Map.of());
    try (TokenDoor door =
        TokenDoor.open(
            authority.server("localhost"),
            broker,
            GIT,
            exchange -> exchange.sendResponseHeaders(204, -1))) {
      ProcessBuilder builder =
          new ProcessBuilder(
              "sh",
              "-c",
              "token-broker fetch --output header %s | curl -sS --fail --cacert %s -H @- https://%s/"
                  .formatted(options(GIT), root, door.host()));
      builder.environment().clear();
      builder.environment().putAll(programs.environment());
      Process process = builder.redirectErrorStream(true).start();
      String printed = new String(process.getInputStream().readAllBytes(), UTF_8);

      assertThat(process.waitFor()).as(printed).isZero();
      assertThat(door.shown()).containsExactly(" github:42");
    }
  }

  private String options(String audience) {
    return "--broker %s --ca-file %s --audience %s --credential file:%s"
        .formatted(broker.url(), broker.root(), audience, home.resolve("credential"));
  }
}
