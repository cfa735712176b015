package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.util.MultivaluedMapUtils;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.http.FakeServer;
import dev.tokenbroker.peers.http.FakeServer.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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
 * Debian's AWS CLI, which exchanges a minted token in a file by itself, as the page about AWS
 * describes, at the STS of Debian's moto.
 */
@Tag("interop")
class AwsCliIT {

  private static final String ROLE = "arn:aws:iam::123456789012:role/payments-deployer";

  @TempDir Path directory;

  private final FakeIssuer issuer = FakeIssuer.start();
  private final HeldPort port = new HeldPort();

  // All are there before the test.
  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private ServerProcess moto;

  @SuppressWarnings("NullAway.Init")
  private FakeServer sts;

  @BeforeEach
  void start() {
    String federation =
        Documented.block("use/targets/aws.md", "yaml", "sts.amazonaws.com")
            + "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n"
                .formatted(issuer.issuer(), FakeIssuer.AUDIENCE);
    moto =
        ServerProcess.start(
            DebianProgram.MOTO,
            port.number(),
            directory.resolve("moto.log"),
            "-p",
            "" + port.number());
    sts = FakeServer.start(this::forward);
    broker = InteropBroker.start(directory, federation, Map.of());
  }

  @AfterEach
  void stop() {
    broker.close();
    sts.close();
    moto.close();
    port.close();
    issuer.close();
  }

  @Test
  void becomes_the_role_by_a_minted_token_in_a_file() throws Exception {
    Path token = directory.resolve("token");
    Files.writeString(token, minted());

    String printed =
        DebianProgram.AWS.run(
            Map.of(
                "AWS_ROLE_ARN",
                ROLE,
                "AWS_ROLE_SESSION_NAME",
                "deployment",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                token.toString(),
                "AWS_REGION",
                "eu-central-1",
                "AWS_ENDPOINT_URL",
                sts.origin(),
                "HOME",
                directory.toString()),
            "sts",
            "get-caller-identity");

    assertThat(JSONObjectUtils.parse(printed).get("Arn"))
        .isEqualTo("arn:aws:sts::123456789012:assumed-role/payments-deployer/deployment");
    Map<String, List<String>> assumed =
        sts.requests().stream()
            .map(Request::body)
            .map(URLUtils::parseParameters)
            .filter(form -> action(form).equals("AssumeRoleWithWebIdentity"))
            .findFirst()
            .orElseThrow();
    assertThat(assumed).containsEntry("RoleArn", List.of(ROLE));
    JWTClaimsSet presented =
        SignedJWT.parse(MultivaluedMapUtils.getFirstValue(assumed, "WebIdentityToken"))
            .getJWTClaimsSet();
    assertThat(presented.getIssuer()).isEqualTo(broker.url());
    assertThat(presented.getAudience()).containsExactly("sts.amazonaws.com");
    assertThat(presented.getSubject()).isEqualTo("github:42");
    assertThat(presented.getClaim("https://aws.amazon.com/tags"))
        .isEqualTo(
            Map.of(
                "principal_tags",
                Map.of("repository_id", List.of("42")),
                "transitive_tag_keys",
                List.of("repository_id")));
  }

  private String minted() throws IOException {
    Path credential = Files.writeString(directory.resolve("credential"), issuer.credential());
    return new Curl(broker, directory).token(credential, "sts.amazonaws.com");
  }

  private static String action(Map<String, List<String>> form) {
    return form.getOrDefault("Action", List.of("")).getFirst();
  }

  /** Passes a request on to moto, which does not look at the token. */
  private FakeServer.Reply forward(Request request) {
    HttpRequest.Builder forwarded =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port.number() + request.target()))
            .method(request.method(), BodyPublishers.ofString(request.body()));
    request.headers().forEach((name, value) -> copy(forwarded, name, value));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> response = client.send(forwarded.build(), BodyHandlers.ofByteArray());
      String type = response.headers().firstValue("content-type").orElse("text/xml");
      return FakeServer.Reply.of(
          response.statusCode(), Map.of("Content-Type", type), response.body());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError(interrupted);
    }
  }

  private static void copy(HttpRequest.Builder to, String name, String value) {
    if (List.of("content-type", "authorization", "x-amz-date", "x-amz-security-token")
        .contains(name)) {
      to.header(name, value);
    }
  }
}
