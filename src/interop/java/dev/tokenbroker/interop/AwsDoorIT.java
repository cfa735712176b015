package dev.tokenbroker.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.tokenbroker.issue.aws.AwsSts;
import dev.tokenbroker.judge.issuer.FakeIssuer;
import dev.tokenbroker.peers.trust.TestTls;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * AWS' own programs, unmodified, that get the credentials of a role from the broker as the page
 * about AWS describes. The role is of moto over TLS; another STS verifies the JWT of the broker by
 * its discovery document, and its session tags.
 */
@Tag("interop")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsDoorIT {

  private static final String ARN =
      "arn:aws:sts::123456789012:assumed-role/payments-deployer/github-42-[0-9a-f]{16}";
  private static final String CHECKED = "aws-checked";
  private static final String MALFORMED = "aws-malformed";

  /** How long the credentials of the checking STS are handed out. */
  private static final Duration SERVED = Duration.ofSeconds(4);

  private final FakeIssuer issuer = FakeIssuer.start();
  private final TestTls authority = TestTls.generate();
  private final HeldPort port = new HeldPort();

  // All are there before the first test.
  @SuppressWarnings("NullAway.Init")
  private Path home;

  @SuppressWarnings("NullAway.Init")
  private Path root;

  @SuppressWarnings("NullAway.Init")
  private InteropBroker broker;

  @SuppressWarnings("NullAway.Init")
  private HttpClient discovery;

  @SuppressWarnings("NullAway.Init")
  private AwsSts sts;

  @SuppressWarnings("NullAway.Init")
  private ServerProcess moto;

  @BeforeAll
  void start(@TempDir Path directory) throws IOException {
    home = directory;
    root = authority.writeRoot(Files.createDirectory(home.resolve("trusted")));
    authority.writePair(home, "moto", "localhost");
    moto =
        ServerProcess.start(
            DebianProgram.MOTO,
            port.number(),
            home.resolve("moto.log"),
            "-p",
            "" + port.number(),
            "-c",
            home.resolve("moto.crt").toString(),
            "-k",
            home.resolve("moto.key").toString());
    sts = AwsSts.byDiscovery(() -> discovery, authority.server("localhost"));
    sts.life(Duration.ofMinutes(15).plus(SERVED));
    broker =
        InteropBroker.start(
            Files.createDirectory(home.resolve("broker")),
            federation(),
            Map.of(
                "quarkus.http.insecure-requests",
                "enabled",
                "quarkus.tls.sts.trust-store.pem.certs",
                root.toString()));
    discovery = HttpClient.newBuilder().sslContext(broker.trust()).build();
    Files.writeString(home.resolve("credential"), issuer.credential());
  }

  /** The target of the page at moto, and another one at the STS that checks. */
  private String federation() {
    String page = Documented.block("use/targets/aws.md", "yaml", "aws-deployer\n    aws:");
    String moto = page.replace("region: eu-central-1", at("https://localhost:" + port.number()));
    String targets = moto.substring(0, moto.indexOf("rules:"));
    String rules = moto.substring(moto.indexOf("rules:"));
    return "issuers:\n  - {name: ci, issuer: '%s', audiences: ['%s']}\n"
            .formatted(issuer.issuer(), FakeIssuer.AUDIENCE)
        + targets
        + checked(CHECKED)
        + checked(MALFORMED)
        + rules
        + rules.replace("rules:\n", "").replace("aws-deployer", CHECKED)
        + rules.replace("rules:\n", "").replace("aws-deployer", MALFORMED);
  }

  private String checked(String target) {
    return "  - audience: %s\n    aws:\n      role: %s\n      %s\n"
        .formatted(target, AwsSts.ROLE, at(sts.url()));
  }

  private static String at(String endpoint) {
    return "endpoint: " + endpoint + "\n      tls: sts";
  }

  @AfterAll
  void stop() {
    broker.close();
    discovery.close();
    sts.close();
    moto.close();
    port.close();
    issuer.close();
  }

  @Test
  void the_aws_cli_gets_credentials_from_the_broker_on_localhost() throws Exception {
    assertThat(identity(DebianProgram.AWS.run(door("aws-deployer"), "sts", "get-caller-identity")))
        .matches(ARN);
  }

  @Test
  void the_aws_cli_shows_the_reason_of_a_refusal() {
    assertThatThrownBy(() -> DebianProgram.AWS.run(door("nothing"), "sts", "get-caller-identity"))
        .hasMessageContaining("TARGET_UNKNOWN");
  }

  /** A native executable must have the texts that the XML parser writes. */
  @Test
  void the_aws_cli_shows_that_the_sts_answered_no_xml() {
    sts.answer(AwsSts.xml(200, "<a>"));
    try {
      assertThatThrownBy(() -> DebianProgram.AWS.run(door(MALFORMED), "sts", "get-caller-identity"))
          .hasMessageContaining("UPSTREAM_ANSWER_MALFORMED");
    } finally {
      sts.answer(null);
    }
  }

  @Test
  void the_aws_cli_gets_credentials_by_a_process() throws Exception {
    Path user = Files.createDirectory(home.resolve("user"));
    HelperPrograms programs = HelperPrograms.install(user, Map.of());
    Path config =
        Files.writeString(
            user.resolve("config"),
            """
            [default]
            credential_process = %s fetch --broker %s --ca-file %s --credential file:%s --audience aws-deployer --output aws-process
            """
                .formatted(
                    programs.command(), broker.url(), broker.root(), home.resolve("credential")));
    Map<String, String> environment = new HashMap<>(moto());
    environment.putAll(programs.environment());
    environment.put("AWS_CONFIG_FILE", config.toString());

    assertThat(identity(DebianProgram.AWS.run(environment, "sts", "get-caller-identity")))
        .matches(ARN);
  }

  @Test
  void boto3_renews_its_credentials_when_the_broker_does() {
    String printed =
        DebianProgram.PYTHON.run(
            door(CHECKED),
            "-c",
            """
            import boto3, time
            credentials = boto3.Session().get_credentials()
            print(credentials.get_frozen_credentials().access_key)
            time.sleep(%d)
            print(credentials.get_frozen_credentials().access_key)
            """
                .formatted(SERVED.plusSeconds(2).toSeconds()));

    assertThat(printed.strip().split("\n"))
        .hasSize(2)
        .doesNotHaveDuplicates()
        .allMatch(key -> key.startsWith("ASIAEXAMPLE"));
    AwsSts.Assumed session = sts.assumed().getLast();
    assertThat(session.claims().getIssuer()).isEqualTo(broker.url());
    assertThat(session.claims().getSubject()).isEqualTo("github:42");
    assertThat(session.claims().getClaim("https://aws.amazon.com/tags"))
        .isEqualTo(
            Map.of(
                "principal_tags",
                Map.of("repository_id", List.of("42")),
                "transitive_tag_keys",
                List.of("repository_id")));
  }

  @Test
  void the_sdk_for_javascript_gets_credentials_over_https() {
    try (InteropProgram program = InteropProgram.node("aws.mjs", broker)) {
      Map<String, String> environment = new HashMap<>(door("aws-deployer"));
      environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", broker.url() + "/aws/aws-deployer");
      Answer answer =
          program.ask("identity", Map.of("environment", environment, "ca", root.toString()));
      assertThat(answer.text("accessKeyId")).as("%s", answer).isNotEmpty();
      assertThat(answer.text("arn")).matches(ARN);
    }
  }

  /** What makes AWS' programs ask the broker for that target, at its plain port. */
  private Map<String, String> door(String target) {
    Map<String, String> environment = new HashMap<>(moto());
    environment.put(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "http://localhost:" + broker.ownHttpPort() + "/aws/" + target);
    environment.put(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", home.resolve("credential").toString());
    return environment;
  }

  /** What makes AWS' programs call moto. */
  private Map<String, String> moto() {
    return Map.of(
        "AWS_REGION",
        "eu-central-1",
        "AWS_ENDPOINT_URL",
        "https://localhost:" + port.number(),
        "AWS_CA_BUNDLE",
        root.toString(),
        "AWS_EC2_METADATA_DISABLED",
        "true",
        "HOME",
        home.toString());
  }

  private static String identity(String printed) throws Exception {
    return String.valueOf(JSONObjectUtils.parse(printed).get("Arn"));
  }
}
