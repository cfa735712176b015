package dev.tokenbroker.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.tokenbroker.command.Shell.Ran;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ends by itself: wrong usage, bad documents, and {@code --once}. */
class AgentCommandTest {

  private static final String TOKEN =
      """
      {"access_token":"the-token","token_type":"Bearer","expires_in":600,"scope":"read"}""";

  /** With a path before it, it is longer than what a line shows of foreign text. */
  private static final String LONG = "x".repeat(220);

  @TempDir Path directory;
  private HttpServer broker;
  private volatile int status = 200;
  private volatile String body = TOKEN;
  private final List<String> forms = new ArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    broker = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    broker.createContext(
        "/token",
        exchange -> {
          synchronized (forms) {
            forms.add(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          }
          byte[] answer = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    broker.start();
    Files.writeString(directory.resolve("credential"), "first");
  }

  @AfterEach
  void stop() {
    broker.stop(0);
  }

  @Test
  void once_writes_all_files_and_ends() throws IOException {
    Ran ran =
        new Shell()
            .run(
                "agent",
                "--once",
                document(
                    """
          - {path: %1$s/raw, audience: a, scopes: [read]}
          - {path: %1$s/line, audience: b, newline: true}
          - {path: %1$s/env, audience: c, output: env, mode: 0640}
          - {path: %1$s/json, audience: d, output: json}
        """));

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).hasLineCount(4).doesNotContain("the-token");
    assertThat(directory.resolve("raw")).hasContent("the-token");
    assertThat(Files.readString(directory.resolve("line"))).isEqualTo("the-token\n");
    assertThat(directory.resolve("env")).hasContent("TOKEN_BROKER_TOKEN=the-token");
    assertThat(directory.resolve("json")).content().contains("\"access_token\":\"the-token\"");
    assertThat(forms)
        .hasSize(4)
        .allMatch(form -> form.contains("subject_token=first"))
        .anyMatch(form -> form.contains("audience=a") && form.contains("scope=read"));
  }

  @Test
  void once_waits_for_the_command_after_a_change() throws IOException {
    Files.writeString(directory.resolve("slow"), "sleep 0.3; touch $0.ran; exit 1");
    String document = document("  - {path: %1$s/raw, audience: a, command: sh %1$s/slow}\n");
    Ran ran = new Shell().run("agent", document, "--once");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(directory.resolve("slow.ran")).exists();
    assertThat(ran.err()).endsWith("/raw: the command after its change has failed\n");
  }

  @Test
  void once_ends_with_the_reason_of_a_refusal() throws IOException {
    status = 400;
    body =
        """
        {"error":"invalid_target","error_description":"NO_RULE_MATCHED: %s (verdict 1)"}"""
            .formatted(LONG);
    String document = document("  - {path: %s/raw, audience: a}\n");

    assertThat(new Shell().run("agent", document, "--once"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "token-broker: "
                    + directory
                    + "/raw: NO_RULE_MATCHED: "
                    + LONG
                    + " (verdict 1)\n"
                    + "token-broker: not all files are there\n"));
    assertThat(directory.resolve("raw")).doesNotExist();
    assertThat(forms).hasSize(1);
  }

  @Test
  void once_waits_for_a_credential_that_is_not_there_yet() throws IOException {
    Path program =
        Files.writeString(
            directory.resolve("late"),
            "[ -e $0.tried ] && echo second || { touch $0.tried; exit 1; }");
    String document = document("  - {path: %s/raw, audience: a}\n");
    Files.writeString(
        Path.of(document),
        Files.readString(Path.of(document))
            .replaceFirst("credential: .*", "credential: exec:sh " + program));
    Ran ran = new Shell().run("agent", document, "--once");

    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err())
        .contains("raw: sh ended with code 1", "raw: written, good until ")
        .hasLineCount(2);
    assertThat(forms).singleElement().asString().contains("subject_token=second");
  }

  @Test
  void wrong_usage_touches_nothing() throws IOException {
    assertThat(new Shell().run("agent").code()).isEqualTo(2);
    assertThat(new Shell().run("agent", "--once", "f.yaml", "--", "true"))
        .isEqualTo(Ran.misused("agent", "give --once or a command, not both"));
    assertThat(new Shell().run("agent", directory + "/none.yaml"))
        .isEqualTo(Ran.told(66, "the document cannot be read: the file does not exist"));
  }

  @Test
  void a_bad_document_is_reported_line_by_line() throws IOException {
    String document = document("  - {path: raw, audience: a, mode: 0777}\n");

    assertThat(new Shell().run("agent", document))
        .isEqualTo(
            new Ran(
                65,
                "",
                """
                token-broker: the document cannot be used
                token-broker: %1$s:4: 'mode' has another form. Write it as 0600, 0640 or 0644. Only the group may write, too.
                token-broker: %1$s:4: 'path' has another form. Give the absolute path of a file.
                """
                    .formatted(document)));
  }

  private String document(String files) throws IOException {
    return Files.writeString(
            directory.resolve("agent.yaml"),
            """
            broker: http://127.0.0.1:%d
            credential: file:%s/credential
            files:
            """
                    .formatted(broker.getAddress().getPort(), directory)
                + files.formatted(directory))
        .toString();
  }
}
