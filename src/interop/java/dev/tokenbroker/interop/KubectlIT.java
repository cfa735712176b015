package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Request;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's kubectl with a minted token in a file, at an API server of the test that verifies tokens
 * by the broker's keys as one with structured authentication does.
 */
@Tag("interop")
class KubectlIT {

  private static final String CLUSTER = "https://cluster.acme.example";

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final TestTls authority = TestTls.generate();

  // Both are there before the test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private FakeServer apiServer;

  @BeforeEach
  void start() throws IOException {
    String federation =
        Documented.block("use/targets/kubernetes.md", "yaml", CLUSTER)
            + "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n"
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE);
    broker = InteropBroker.start(directory, federation, Map.of());
    apiServer = FakeServer.startTls(authority.server("localhost"), this::answer);
    Path root = authority.writeRoot(Files.createDirectory(directory.resolve("api-server")));
    String kubeconfig =
        Documented.changed(
            Documented.block("use/targets/kubernetes.md", "yaml", "kind: Config"),
            Map.of(
                CLUSTER + ":6443",
                apiServer.origin(),
                "cluster-ca.crt",
                root.toString(),
                "/run/broker/token",
                directory.resolve("token").toString()));
    Files.writeString(directory.resolve("kubeconfig"), kubeconfig);
  }

  @AfterEach
  void stop() {
    apiServer.close();
    broker.close();
    issuer.close();
  }

  @Test
  void shows_whose_token_it_presents() throws Exception {
    Files.writeString(directory.resolve("token"), minted());

    String printed =
        DebianProgram.KUBECTL.run(
            Map.of("HOME", directory.toString()),
            "--kubeconfig",
            directory.resolve("kubeconfig").toString(),
            "auth",
            "whoami",
            "--output",
            "jsonpath={.status.userInfo.username}");

    assertThat(printed).isEqualTo("broker:github:42");
    assertThat(apiServer.requests()).isNotEmpty();
  }

  @Test
  void runs_fetch_as_its_plugin() throws Exception {
    HelperPrograms programs = HelperPrograms.install(directory, Map.of());
    Path credential = Files.writeString(directory.resolve("credential"), issuer.credential());
    Path kubeconfig = directory.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        Documented.changed(
            Files.readString(kubeconfig),
            Map.of(
                "users:\n  - {name: broker, user: {tokenFile: %s}}\n"
                    .formatted(directory.resolve("token")),
                Documented.changed(
                    Documented.block("use/fetch.md", "yaml", "exec-credential"),
                    Map.of(
                        "name: ci",
                        "name: broker",
                        Documented.ADDRESS,
                        broker.url(),
                        "cluster-a",
                        "%s, --ca-file, %s, --credential, 'file:%s'"
                            .formatted(CLUSTER, broker.root(), credential))))));

    String printed =
        DebianProgram.KUBECTL.run(
            programs.environment(),
            "--kubeconfig",
            kubeconfig.toString(),
            "auth",
            "whoami",
            "--output",
            "jsonpath={.status.userInfo.username}");

    assertThat(printed).isEqualTo("broker:github:42");
  }

  private String minted() throws IOException {
    Path credential = Files.writeString(directory.resolve("credential"), issuer.credential());
    return new Curl(broker, directory).token(credential, CLUSTER);
  }

  private FakeServer.Reply answer(Request request) {
    if (!request.target().startsWith("/apis/authentication.k8s.io/v1/selfsubjectreviews")) {
      return json(
          404, Map.of("kind", "Status", "apiVersion", "v1", "status", "Failure", "code", 404));
    }
    String authorization = request.headers().getOrDefault("authorization", "");
    JWTClaimsSet claims = broker.verified(authorization.replaceFirst("^Bearer ", ""));
    if (!claims.getAudience().equals(List.of(CLUSTER))) {
      return json(
          401, Map.of("kind", "Status", "apiVersion", "v1", "status", "Failure", "code", 401));
    }
    return json(
        201,
        Map.of(
            "kind",
            "SelfSubjectReview",
            "apiVersion",
            "authentication.k8s.io/v1",
            "metadata",
            Map.of(),
            "status",
            Map.of("userInfo", Map.of("username", "broker:" + claims.getSubject()))));
  }

  private static FakeServer.Reply json(int status, Map<String, Object> body) {
    return FakeServer.Reply.of(
        status, Map.of("Content-Type", "application/json"), JSONObjectUtils.toJSONString(body));
  }
}
