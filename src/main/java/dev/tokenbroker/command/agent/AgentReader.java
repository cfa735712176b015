package dev.tokenbroker.command.agent;

import dev.tokenbroker.command.agent.AgentDocument.HealthAddress;
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
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads agent documents, and reports all problems at once, each with its line. The keys are those
 * of the JSON Schema {@code agent}; another key is a problem. Only users and groups are looked up.
 */
public final class AgentReader {

  private static final Shape SHAPE = Shape.of("agent");

  private static final String AFTER = "after";
  private static final String COMMAND = "command";
  private static final String CORRECT = "Correct it.";
  private static final String FILES = "files";
  private static final String PID_FILE = "pidFile";
  private static final String SIGNAL = "signal";

  private static final Pattern HEALTH =
      Pattern.compile("(?:\\[([\\da-fA-F:.]+)]:|([^:\\s]+):)?(\\d{1,5})");
  private static final int MAX_PORT = 65_535;
  private static final String LOOPBACK = "127.0.0.1";
  private static final Pattern MODE = Pattern.compile("0?6[046][04]");
  private static final Pattern OWNER = Pattern.compile("[^:\\s]+(:[^:\\s]+)?|:[^:\\s]+");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  private static final String USUAL_VARIABLE = "TOKEN_BROKER_TOKEN";
  private static final Set<TokenOutput> OUTPUTS =
      EnumSet.of(TokenOutput.RAW, TokenOutput.JSON, TokenOutput.ENV, TokenOutput.HEADER);
  private static final Set<String> SIGNALS = Set.of("HUP", "INT", "QUIT", "TERM", "USR1", "USR2");

  private final UnaryOperator<String> variables;
  private final Problems problems;

  /**
   * @param variables gives the value of an environment variable; empty where it is not set
   */
  public AgentReader(UnaryOperator<String> variables, Problems problems) {
    this.variables = variables;
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
    if (problems.isEmpty() && !(root instanceof Mapping)) {
      problems.at(
          root == null ? new Place(name, 1) : root.place(),
          "an agent document must be a mapping",
          "Begin with 'broker:' and 'files:'.");
    }
    if (!(root instanceof Mapping mapping)) {
      return Optional.empty();
    }
    Fields fields = new Fields("an agent document", mapping, SHAPE, problems);
    @Nullable Scalar broker = fields.required("broker", "Give the address of the broker.");
    @Nullable Path authorities = path(fields, "caFile");
    @Nullable CredentialSource credential = credential(fields, broker);
    @Nullable HealthAddress health = health(fields);
    List<AgentFile> files = new ArrayList<>();
    if (broker != null && request(broker, broker.text(), authorities, "any", List.of()) != null) {
      Set<Path> paths = new HashSet<>();
      for (Mapping entry : fields.mappings(FILES)) {
        Fields file = new Fields("a file", entry, SHAPE.at(FILES), problems);
        @Nullable AgentFile read = file(file, broker.text(), authorities);
        if (read != null && !paths.add(read.file().path())) {
          file.report("path", "two files have this path", "Give each file a path of its own.");
        } else if (read != null) {
          files.add(read);
        }
      }
    }
    if (!fields.has(FILES) || fields.isEmptyList(FILES)) {
      fields.lacks(FILES, "Write at least one file, with its path and audience.");
    }
    return problems.isEmpty() && credential != null
        ? Optional.of(new AgentDocument(credential, health, List.copyOf(files)))
        : Optional.empty();
  }

  private @Nullable CredentialSource credential(Fields fields, @Nullable Scalar broker) {
    @Nullable Scalar source = fields.text("credential");
    @Nullable Scalar audience = fields.text("credentialAudience");
    Scalar wanted = audience == null ? broker : audience;
    try {
      return new CredentialSources(variables, wanted == null ? "" : wanted.text(), _ -> {})
          .of(source == null ? "auto" : source.text());
    } catch (NoToken none) {
      fields.report("credential", none.line(), CORRECT);
      return null;
    }
  }

  private @Nullable HealthAddress health(Fields fields) {
    @Nullable Scalar text = fields.text("health");
    if (text == null) {
      return null;
    }
    Matcher address = HEALTH.matcher(text.text());
    if (!address.matches() || Integer.parseInt(address.group(3)) > MAX_PORT) {
      fields.report(
          "health",
          "'health' is no port: " + text.text(),
          "Write a port such as 9101, which is on loopback, or an address such as 0.0.0.0:9101.");
      return null;
    }
    @Nullable String host = address.group(1) == null ? address.group(2) : address.group(1);
    return new HealthAddress(
        host == null ? LOOPBACK : host, Integer.parseInt(address.group(3)));
  }

  private @Nullable AgentFile file(Fields fields, String broker, @Nullable Path authorities) {
    if (!fields.has("path")) {
      fields.lacks("path", "Give the absolute path of the file.");
    }
    @Nullable Path path = path(fields, "path");
    @Nullable Scalar audience = fields.required("audience", "Name the target of the token.");
    @Nullable TokenOutput output = output(fields);
    String variable = formed(fields, "variable", VARIABLE, USUAL_VARIABLE, "Write a name such as TOKEN.");
    boolean newline = fields.flag("newline");
    Set<PosixFilePermission> mode = mode(fields);
    FileOwner owner = owner(fields);
    AfterWrite after = after(fields);
    List<String> scopes = fields.texts("scopes").stream().map(Scalar::text).toList();
    @Nullable FetchRequest request =
        audience == null ? null : request(audience, broker, authorities, audience.text(), scopes);
    return path == null || output == null || request == null
        ? null
        : new AgentFile(
            new TokenFile(path, mode, owner), request, output, variable, newline, after);
  }

  private @Nullable FetchRequest request(
      Scalar at, String broker, @Nullable Path authorities, String audience, List<String> scopes) {
    try {
      return FetchRequest.of(broker, authorities, audience, scopes);
    } catch (NoToken misuse) {
      problems.at(at.place(), misuse.line(), CORRECT);
      return null;
    }
  }

  private @Nullable TokenOutput output(Fields fields) {
    @Nullable Scalar name = fields.text("output");
    TokenOutput output =
        name == null ? TokenOutput.RAW : TokenOutput.of(name.text()).orElse(null);
    if (output != null && OUTPUTS.contains(output)) {
      return output;
    }
    fields.report("output", "'output' is no form of a file", "Use raw, json, env or header.");
    return null;
  }

  /** The permissions of {@code 06GO}: those of the group and of others are digits. */
  private Set<PosixFilePermission> mode(Fields fields) {
    String digits =
        formed(
            fields, "mode", MODE, "600", "Write it as 0600, 0640 or 0644; only the group may write, too.");
    int bits = Integer.parseInt(digits, 8);
    Set<PosixFilePermission> mode = EnumSet.noneOf(PosixFilePermission.class);
    for (PosixFilePermission one : PosixFilePermission.values()) {
      if ((bits & (0400 >> one.ordinal())) != 0) { // the constants are in the order of the bits
        mode.add(one);
      }
    }
    return mode;
  }

  private FileOwner owner(Fields fields) {
    String owner = formed(fields, "owner", OWNER, "", "Write USER, USER:GROUP or :GROUP.");
    try {
      return owner.isEmpty() ? FileOwner.OURS : FileOwner.named(owner);
    } catch (IOException unknown) {
      fields.report(
          "owner", "this system does not know the owner '" + owner + "'", "Use a number instead.");
      return FileOwner.OURS;
    }
  }

  private AfterWrite after(Fields file) {
    @Nullable Fields fields = file.section(AFTER);
    if (fields == null) {
      return new AfterWrite.Nothing();
    }
    if (fields.has(SIGNAL) == fields.has(COMMAND) || (fields.has(PID_FILE) && !fields.has(SIGNAL))) {
      file.report(
          AFTER, "'after' needs either 'signal' or 'command'", "'pidFile' belongs to 'signal'.");
      return new AfterWrite.Nothing();
    }
    @Nullable Scalar command = fields.text(COMMAND);
    if (command != null) {
      return new AfterWrite.Program(List.of(command.text().strip().split("\\s+")));
    }
    @Nullable Scalar signal = fields.text(SIGNAL);
    if (signal != null && !SIGNALS.contains(signal.text())) {
      fields.report(
          SIGNAL,
          "'" + signal.text() + "' is no signal of the agent",
          "Use HUP, INT, QUIT, TERM, USR1 or USR2.");
    }
    return new AfterWrite.Signal(signal == null ? "" : signal.text(), path(fields, PID_FILE));
  }

  /** Text of a form; the usual one where the key is absent, or where another text is reported. */
  private static String formed(
      Fields fields, String key, Pattern form, String usual, String remedy) {
    @Nullable Scalar text = fields.text(key);
    if (text == null || form.matcher(text.text()).matches()) {
      return text == null ? usual : text.text();
    }
    fields.report(key, "'" + key + "' cannot be " + text.text(), remedy);
    return usual;
  }

  private static @Nullable Path path(Fields fields, String key) {
    @Nullable Scalar text = fields.text(key);
    try {
      Path path = text == null ? null : Path.of(text.text());
      if (path == null || (path.isAbsolute() && path.getFileName() != null && !text.text().endsWith("/"))) {
        return path == null ? null : path.normalize();
      }
    } catch (InvalidPathException none) {
      // Reported below.
    }
    fields.report(key, "'" + key + "' is no absolute path of a file", "Begin it with a slash.");
    return null;
  }
}
