package dev.tokenbroker.command.agent;

import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.CredentialSource;
import dev.tokenbroker.command.fetch.CredentialSources;
import dev.tokenbroker.command.fetch.FetchRequest;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenOutput;
import dev.tokenbroker.evaluate.federation.document.Fields;
import dev.tokenbroker.evaluate.federation.document.Place;
import dev.tokenbroker.evaluate.federation.document.Problems;
import dev.tokenbroker.evaluate.federation.document.Shape;
import dev.tokenbroker.evaluate.federation.document.Yaml;
import dev.tokenbroker.evaluate.federation.document.Yaml.Mapping;
import dev.tokenbroker.evaluate.federation.document.Yaml.Scalar;
import dev.tokenbroker.evaluate.federation.document.YamlParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.EnumSet;
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
  private static final String CORRECT = "Correct it.";
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
    @Nullable CredentialSource credential = credential(fields, broker);
    @Nullable InetSocketAddress health = health(fields);
    return problems.isEmpty() && credential != null
        ? Optional.of(new AgentDocument(credential, health, List.copyOf(files)))
        : Optional.empty();
  }

  private @Nullable CredentialSource credential(Fields fields, @Nullable Scalar broker) {
    @Nullable Scalar source = fields.text("credential");
    try {
      return new CredentialSources(variables, broker == null ? "" : broker.text(), _ -> {})
          .of(source == null ? "auto" : source.text());
    } catch (NoToken none) {
      fields.report("credential", none.line(), CORRECT);
      return null;
    }
  }

  private static @Nullable InetSocketAddress health(Fields fields) {
    @Nullable String address = fields.formed("health");
    if (address == null) {
      return null;
    }
    int colon = address.lastIndexOf(':');
    int port = Integer.parseInt(address.substring(colon + 1));
    try {
      return colon < 0
          ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
          : new InetSocketAddress(InetAddress.ofLiteral(address.substring(0, colon)), port);
    } catch (IllegalArgumentException none) {
      fields.report("health", "'health' is no address", "Write it as 0.0.0.0:9101 or [::]:9101.");
      return null;
    }
  }

  private @Nullable Entry entry(
      Fields fields, @Nullable Scalar broker, @Nullable String authorities) {
    if (!fields.has("path")) {
      fields.lacks("path", "Give the absolute path of the file.");
    }
    @Nullable Scalar audience = fields.required("audience", "Name the target of the token.");
    @Nullable TokenOutput output =
        fields.has("output")
            ? fields.choice("output", "form", TokenOutput.values(), TokenOutput::label)
            : TokenOutput.RAW;
    @Nullable String signal =
        fields.choice(
            "signal", "signal", SHAPE.at(FILES).words("signal").toArray(String[]::new), s -> s);
    if (signal != null && !hasCommand) {
      fields.report("signal", "there is no command to signal", "Give the agent one, after --.");
    }
    @Nullable Scalar command = fields.text("command");
    @Nullable TokenFile file = file(fields);
    @Nullable FetchRequest request = request(fields, broker, authorities, audience);
    return file == null || request == null || output == null
        ? null
        : new Entry(
            file,
            request,
            output,
            fields.flag("newline"),
            signal,
            command == null ? List.of() : List.of(command.text().strip().split("\\s+")));
  }

  private static @Nullable FetchRequest request(
      Fields fields,
      @Nullable Scalar broker,
      @Nullable String authorities,
      @Nullable Scalar audience) {
    List<String> scopes = fields.texts("scopes").stream().map(Scalar::text).toList();
    if (broker == null || audience == null) {
      return null;
    }
    try {
      @Nullable Path ca = authorities == null ? null : Path.of(authorities);
      return FetchRequest.of(broker.text(), ca, audience.text(), scopes);
    } catch (NoToken misuse) {
      fields.report("audience", misuse.line(), CORRECT);
      return null;
    }
  }

  private static @Nullable TokenFile file(Fields fields) {
    @Nullable String path = fields.formed("path");
    String mode = Objects.requireNonNullElse(fields.formed("mode"), "0600");
    String[] owner = Objects.requireNonNullElse(fields.formed("owner"), "").split(":", 2);
    if (path == null) {
      return null;
    }
    UserPrincipalLookupService names = FileSystems.getDefault().getUserPrincipalLookupService();
    try {
      TokenFile file =
          new TokenFile(
              Path.of(path).normalize(),
              permissions(Integer.parseInt(mode, 8)),
              owner[0].isEmpty() ? null : names.lookupPrincipalByName(owner[0]),
              owner.length == 1 ? null : names.lookupPrincipalByGroupName(owner[1]));
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
    } catch (IOException unknown) {
      fields.report("owner", "this system does not know the owner", "Write numbers instead.");
      return null;
    }
  }

  /** The constants are in the order of the bits. */
  private static Set<PosixFilePermission> permissions(int bits) {
    Set<PosixFilePermission> set = EnumSet.allOf(PosixFilePermission.class);
    set.removeIf(one -> (bits & (0400 >> one.ordinal())) == 0);
    return set;
  }
}
