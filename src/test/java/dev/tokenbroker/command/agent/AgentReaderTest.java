package dev.tokenbroker.command.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.base.yaml.Problem;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.TokenOutput;
import dev.tokenbroker.schema.DocumentSchema;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentReaderTest {

  private static final DocumentSchema SCHEMA = DocumentSchema.named("agent");

  private static final String LEAST =
      """
      broker: https://broker.example
      files:
        - path: /nowhere/token
          audience: payments-api
      """;

  private static final String FULL =
      """
      broker: https://broker.example/
      caFile: /etc/acme/ca.pem
      credential: file:/var/run/token
      health: 0.0.0.0:9101
      files:
        - path: /nowhere/token
          audience: payments-api
          scopes: [write, read]
          output: env
          newline: true
          mode: '0640'
          owner: 4711:4712
          signal: HUP
          command: nginx  -s reload
        - {path: /nowhere/else, audience: payments-api}
      """;

  @TempDir Path directory;

  @Test
  void reads_every_key() throws IOException {
    AgentDocument document = good(FULL, true);
    Entry file = document.files().getFirst();

    assertThat(SCHEMA.faults(FULL)).isEmpty();
    assertThat(document.health()).asString().isEqualTo("/0.0.0.0:9101");
    assertThat(document.files()).hasSize(2);
    assertThat(file.request().tokenEndpoint()).hasToString("https://broker.example/token");
    assertThat(file.request().authorities()).isEqualTo(Path.of("/etc/acme/ca.pem"));
    assertThat(file.request().scopes()).containsExactly("read", "write");
    assertThat(file.output()).isEqualTo(TokenOutput.ENV);
    assertThat(file.newline()).isTrue();
    assertThat(file.file().mode()).isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(file.file().user()).hasToString("4711");
    assertThat(file.file().group()).hasToString("4712");
    assertThat(file.signal()).isEqualTo("HUP");
    assertThat(file.command()).containsExactly("nginx", "-s", "reload");
  }

  @Test
  void has_an_owner_only_secret_and_no_port_by_default() {
    AgentDocument document = good(LEAST, false);
    Entry file = document.files().getFirst();

    assertThat(SCHEMA.faults(LEAST)).isEmpty();
    assertThat(document.health()).isNull();
    assertThat(file.output()).isEqualTo(TokenOutput.RAW);
    assertThat(file.newline()).isFalse();
    assertThat(file.file().mode()).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(file.file().user()).isNull();
    assertThat(file.file().group()).isNull();
    assertThat(file.signal()).isNull();
    assertThat(file.command()).isEmpty();
  }

  @Test
  void serves_health_on_loopback_where_only_a_port_is_given() {
    AgentDocument document = good("health: 9101\n" + LEAST, false);

    assertThat(document.health())
        .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 9101));
    assertThat(good("health: '[::]:9101'\n" + LEAST, false).health())
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("::"), 9101));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0600", "'0640'", "0644", "0660", "664", "0604"})
  void takes_modes_in_octal_digits(String mode) {
    assertThat(problems(LEAST + "    mode: " + mode + "\n", false)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "audience: payments-api | audienc: payments-api | 3: a file needs 'audience'",
        "audience: payments-api | audienc: payments-api | 4: unknown key 'audienc' in a file",
        "audience: payments-api | audience: | 4: 'audience' must be text, this is empty",
        "audience: payments-api | scopes: [a] | 3: a file needs 'audience'",
        "path: /nowhere/token | mode: 0600 | 3: a file needs 'path'",
        "/nowhere/token | token | 3: 'path' has another form",
        "/nowhere/token | /nowhere/ | 3: 'path' has another form",
        "payments-api | `x, mode: 0666` | 5: 'mode' has another form",
        "payments-api | `x, mode: 0700` | 5: 'mode' has another form",
        "payments-api | `x, mode: 0200` | 5: 'mode' has another form",
        "payments-api | `x, mode: rw` | 5: 'mode' has another form",
        "payments-api | `x, owner: ':'` | 5: 'owner' has another form",
        "payments-api | `x, owner: 'a:'` | 5: 'owner' has another form",
        "payments-api | `x, owner: 'a b'` | 5: 'owner' has another form",
        "payments-api | `x, output: git` | 5: 'git' is no form",
        "payments-api | `x, output: RAW` | 5: 'RAW' is no form",
        "payments-api | `x, newline: 'true'` | 5: 'newline' must be true or false",
        "payments-api | `x, signal: KILL` | 5: 'signal' has another form",
        "payments-api | `x, signal: SIGHUP` | 5: 'signal' has another form",
        "payments-api | `x, scopes: read` | 5: 'scopes' must be a list",
        "https://broker.example | | 1: 'broker' must be text, this is empty",
        "files: | file: | 1: an agent document needs 'files'",
        "files: | `health: x` | 2: 'health' has another form",
        "files: | `health: localhost:9101` | 2: 'health' has another form",
        "files: | `caFile: ca.pem` | 2: 'caFile' has another form",
      })
  void names_the_line_of_what_the_schema_refuses_too(String part, String other, String problem) {
    String document = changed(part, other == null ? "" : other);

    assertThat(problems(document, true)).anyMatch(line -> line.startsWith("agent.yaml:" + problem));
    assertThat(SCHEMA.faults(document)).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "https://broker.example | http://broker.example | 4: the broker must begin with https://",
        "https://broker.example | broker.example:443 | 4: the broker must be an address",
        "payments-api | `x, scopes: ['a b']` | 4: a scope must be one word",
        "payments-api | `x, owner: nobody-of-that-name` | 5: this system does not know 'owner'",
        "payments-api | `x, signal: HUP` | 5: there is no command to signal",
        "files: | `credential: vault` | 2: the credential must be auto, file:PATH",
        "files: | `health: 70000` | 2: 'health' is no address",
        "files: | `health: 1.2.3.4.5:9101` | 2: 'health' is no address",
      })
  void names_the_line_of_what_only_the_agent_finds(String part, String other, String problem) {
    assertThat(problems(changed(part, other), false))
        .anyMatch(line -> line.startsWith("agent.yaml:" + problem));
  }

  @Test
  void reports_all_problems_at_once() {
    assertThat(
            problems("brokr: x\nfiles:\n  - {path: a, mode: 9}\n  - {audience: b, x: y}\n", false))
        .hasSizeGreaterThanOrEqualTo(6);
    assertThat(problems("[]", false)).singleElement().asString().contains("must be a mapping");
    assertThat(problems("", false)).singleElement().asString().contains("must be a mapping");
    assertThat(problems("files: []\nbroker: https://b.example\n", false))
        .singleElement()
        .asString()
        .contains("needs 'files'");
  }

  @Test
  void gives_each_file_a_path_of_its_own_which_is_no_directory() {
    String file = "  - {path: /nowhere/x/../token, audience: other}\n";
    assertThat(problems(LEAST + file, false))
        .singleElement()
        .asString()
        .startsWith("agent.yaml:5: two files have this path");
    assertThat(problems(LEAST.replace("/nowhere/token", directory.toString()), false))
        .singleElement()
        .asString()
        .startsWith("agent.yaml:3: this is a directory");
  }

  /** The user itself may have the file in each case; another takes CAP_CHOWN: AgentIT. */
  @Test
  void tries_whether_the_owner_can_be_set_and_leaves_nothing() throws IOException {
    String path = directory.resolve("token").toString();
    String mine = Files.getOwner(directory).getName();
    assertThat(problems(LEAST.replace("/nowhere/token", path) + "    owner: " + mine + "\n", false))
        .isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  /** Replaces a part of the least document; a key of the root gets a line of its own. */
  private static String changed(String part, String other) {
    if (part.equals("files:") && !other.equals("file:")) {
      return LEAST.replace(part, other + "\nfiles:");
    }
    String[] keys = other.split(", ", 2);
    return LEAST.replace(part, keys[0]) + (keys.length == 1 ? "" : "    " + keys[1] + "\n");
  }

  private static AgentDocument good(String text, boolean hasCommand) {
    Problems problems = new Problems();
    Optional<AgentDocument> document =
        new AgentReader(_ -> "", hasCommand, problems).read("agent.yaml", text);
    assertThat(problems.sorted()).isEmpty();
    return document.orElseThrow();
  }

  private static List<String> problems(String text, boolean hasCommand) {
    Problems problems = new Problems();
    assertThat(new AgentReader(_ -> "", hasCommand, problems).read("agent.yaml", text).isEmpty())
        .isEqualTo(!problems.isEmpty());
    return problems.sorted().stream().map(Problem::toString).toList();
  }
}
