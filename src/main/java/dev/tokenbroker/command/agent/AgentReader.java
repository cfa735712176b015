package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.yaml.Fields;
import dev.tokenbroker.base.yaml.Place;
import dev.tokenbroker.base.yaml.Problems;
import dev.tokenbroker.base.yaml.Shape;
import dev.tokenbroker.base.yaml.Yaml;
import dev.tokenbroker.base.yaml.Yaml.Mapping;
import dev.tokenbroker.base.yaml.Yaml.Scalar;
import dev.tokenbroker.base.yaml.YamlParser;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.CredentialSource;
import dev.tokenbroker.command.fetch.CredentialSources;
import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads agent documents, and reports all problems at once, each with its line. The JSON Schema
 * {@code agent} defines the keys and their forms. Also finds out whether the agent may change the
 * owners of its files.
 */
public final class AgentReader {

  private static final Shape SHAPE = Shape.of("agent");
  private static final String FILES = "files";

  private final UnaryOperator<String> variables;
  private final boolean hasCommand;
  private final Problems problems;

  /**
   * @param variables gives the value of an environment variable; empty where it is not set
   * @param hasCommand whether the agent starts a command, to which signals can be sent
   */
  public AgentReader(UnaryOperator<String> variables, boolean hasCommand, Problems problems) {
    this.variables = variables;
    this.hasCommand = hasCommand;
    this.problems = problems;
  }

  /**
   * Reads a document.
   *
   * @param name of the file, for problems
   * @return empty if there are problems
   */
  public Optional<AgentDocument> read(String name, String text) {
    Yaml root = YamlParser.parse(name, text, problems).orElse(null);
    if (!(root instanceof Mapping mapping)) {
      if (problems.isEmpty()) {
        problems.at(
            new Place(name, 1),
            "an agent document must be a mapping",
            "Begin with 'broker:' and 'files:'.");
      }
      return Optional.empty();
    }
    Fields fields = new Fields("an agent document", mapping, SHAPE, problems);
    @Nullable Scalar broker = fields.required("broker", "Give the address of the broker.");
    @Nullable String authorities = fields.formed("caFile");
    List<Entry> files = new ArrayList<>();
    Set<Path> paths = new HashSet<>();
    for (Mapping one : fields.mappings(FILES)) {
      Fields file = new Fields("a file", one, SHAPE.at(FILES), problems);
      @Nullable Entry entry = entry(file, broker, authorities);
      if (entry != null && !paths.add(entry.file().path())) {
        file.report("path", "two files have this path", "Give each its own.");
      } else if (entry != null) {
        files.add(entry);
      }
    }
    if (!fields.has(FILES) || fields.isEmptyList(FILES)) {
      fields.lacks(FILES, "Write at least one, with its path and audience.");
    }
    CredentialSources sources =
        new CredentialSources(variables, broker == null ? "" : broker.text(), _ -> {});
    @Nullable Scalar named = fields.text("credential");
    @Nullable CredentialSource credential =
        made(fields, "credential", () -> sources.of(named == null ? "auto" : named.text()));
    @Nullable String port = fields.formed("health");
    @Nullable InetSocketAddress health =
        port == null ? null : made(fields, "health", () -> address(port));
    return problems.isEmpty() && credential != null
        ? Optional.of(new AgentDocument(credential, health, List.copyOf(files)))
        : Optional.empty();
  }

  private @Nullable Entry entry(
      Fields fields, @Nullable Scalar broker, @Nullable String authorities) {
    if (!fields.has("path")) {
      fields.lacks("path", "Give the absolute path of the file.");
    }
    @Nullable String path = fields.formed("path");
    @Nullable Scalar audience = fields.required("audience", "Name the target of the token.");
    List<String> scopes = fields.texts("scopes").stream().map(Scalar::text).toList();
    @Nullable TokenOutput output =
        fields.has("output")
            ? fields.choice("output", "form", TokenOutput.values(), TokenOutput::label)
            : TokenOutput.RAW;
    @Nullable String signal = fields.formed("signal");
    if (signal != null && !hasCommand) {
      fields.report("signal", "there is no command to signal", "Give the agent one, after --.");
    }
    @Nullable Scalar command = fields.text("command");
    List<String> program =
        command == null ? List.of() : List.of(command.text().strip().split("\\s+"));
    boolean newline = fields.flag("newline");
    String mode = Objects.requireNonNullElse(fields.formed("mode"), "0600");
    String owner = Objects.requireNonNullElse(fields.formed("owner"), "");
    @Nullable TokenFile file =
        path == null ? null : made(fields, "owner", () -> file(fields, path, mode, owner));
    if (file == null || broker == null || audience == null || output == null) {
      return null;
    }
    @Nullable Path ca = authorities == null ? null : Path.of(authorities);
    @Nullable FetchRequest request =
        made(fields, "audience", () -> FetchRequest.of(broker.text(), ca, audience.text(), scopes));
    return request == null ? null : new Entry(file, request, output, newline, signal, program);
  }

  private static TokenFile file(Fields fields, String path, String mode, String owner)
      throws IOException {
    String[] names = owner.split(":", 2);
    UserPrincipalLookupService known = FileSystems.getDefault().getUserPrincipalLookupService();
    TokenFile file =
        new TokenFile(
            Path.of(path).normalize(),
            permissions(mode),
            names[0].isEmpty() ? null : known.lookupPrincipalByName(names[0]),
            names.length == 1 ? null : known.lookupPrincipalByGroupName(names[1]));
    if (Files.isDirectory(file.path())) {
      fields.report("path", "this is a directory", "Give the path of a file.");
    }
    if (fields.has("owner") && !file.canHaveOwner()) {
      fields.report(
          "owner",
          "this process may not give files to the owner",
          "Run it as that user or with CAP_CHOWN, or remove 'owner'.");
    }
    return file;
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    int port = Integer.parseInt(text.substring(colon + 1));
    return colon < 0
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
        : new InetSocketAddress(InetAddress.ofLiteral(text.substring(0, colon)), port);
  }

  /** Makes a value from what a key says. */
  private interface Maker<T> {
    T make() throws NoToken, IOException;
  }

  /** The value; null where it cannot be made, which is reported at the key. */
  private static <T> @Nullable T made(Fields fields, String key, Maker<T> maker) {
    try {
      return maker.make();
    } catch (NoToken misuse) {
      fields.report(key, misuse.line(), "Correct it.");
    } catch (IOException unknown) {
      fields.report(key, "this system does not know '" + key + "'", "Write numbers instead.");
    } catch (IllegalArgumentException none) {
      fields.report(key, "'" + key + "' is no address", "Write 9101, 0.0.0.0:9101 or [::]:9101.");
    }
    return null;
  }

  /** From octal digits, of which the schema allows three. */
  private static Set<PosixFilePermission> permissions(String mode) {
    return PosixFilePermissions.fromString(
        mode.substring(mode.length() - 3)
            .replace("0", "---")
            .replace("4", "r--")
            .replace("6", "rw-"));
  }
}
