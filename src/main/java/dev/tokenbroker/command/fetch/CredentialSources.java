package dev.tokenbroker.command.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tokenbroker.base.files.BoundedFile;
import dev.tokenbroker.base.refusal.Deadline;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Finds credentials: in files and variables, from programs, and where platforms put them.
 *
 * <p>{@code auto} takes the first of these, and then no other, even if that one lacks something:
 * {@value #FILE} or {@value #VALUE}; GitHub Actions; GitLab; Buildkite; CircleCI; the file of
 * Kubernetes. It looks anew at each read, since the file may come later.
 */
public final class CredentialSources {

  /** The variable with the path of a file that holds the credential. */
  static final String FILE = "TOKEN_BROKER_CREDENTIAL_FILE";

  /** The variable with the credential itself. */
  static final String VALUE = "TOKEN_BROKER_CREDENTIAL";

  /** The variable that a job of GitLab defines under {@code id_tokens}. */
  static final String GITLAB = "TOKEN_BROKER_ID_TOKEN";

  /** Where a pod mounts its projected token for a broker. */
  private static final Path KUBERNETES =
      Path.of("/var/run/secrets/tokenbroker.dev/serviceaccount/token");

  private static final String GITHUB_URL = "ACTIONS_ID_TOKEN_REQUEST_URL";
  private static final String GITHUB_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
  private static final int MAX_BYTES = Credential.MAX_CHARS;
  private static final int OK = 200;

  private final UnaryOperator<String> variables;
  private final String audience;
  private final Consumer<String> notes;
  private final List<Place> places;

  /**
   * A place of a platform.
   *
   * @param name the name of the source
   * @param what the credential there, for messages
   * @param isHere whether this process runs on the platform
   */
  private record Place(String name, String what, BooleanSupplier isHere, CredentialSource source) {}

  /**
   * @param variables gives the value of an environment variable; empty where it is not set
   * @param audience what the broker demands as audience of credentials; set where a platform lets
   *     one
   * @param notes takes a line that says where a credential was found
   */
  public CredentialSources(
      UnaryOperator<String> variables, String audience, Consumer<String> notes) {
    this(variables, audience, notes, KUBERNETES);
  }

  CredentialSources(
      UnaryOperator<String> variables, String audience, Consumer<String> notes, Path pod) {
    this.variables = variables;
    this.audience = audience;
    this.notes = notes;
    String projected = "the projected token at " + pod;
    this.places =
        List.of(
            place("github", "the ID token of GitHub Actions", "GITHUB_ACTIONS", this::github),
            place("gitlab", "the ID token of GitLab", "GITLAB_CI", _ -> gitlab()),
            place("buildkite", "the OIDC token of Buildkite", "BUILDKITE", this::buildkite),
            place("circleci", "the OIDC token of CircleCI", "CIRCLECI", _ -> circleci()),
            new Place("kubernetes", projected, () -> Files.exists(pod), _ -> file(pod, projected)));
  }

  private Place place(String name, String what, String marker, CredentialSource source) {
    return new Place(name, what, () -> isSet(marker), source);
  }

  /**
   * The source by its name: {@code auto}, {@code file:PATH}, {@code env:VARIABLE}, {@code
   * exec:COMMAND}, {@code github}, {@code gitlab}, {@code buildkite}, {@code circleci} or {@code
   * kubernetes}.
   *
   * @throws NoToken {@code MISUSE} for another text
   */
  public CredentialSource of(String name) throws NoToken {
    for (Place place : places) {
      if (place.name().equals(name)) {
        return place.source();
      }
    }
    String value = name.replaceFirst("^(file|env|exec):", "").strip();
    if (name.equals("auto")) {
      return this::found;
    }
    if (!value.isEmpty() && name.startsWith("file:")) {
      Path file = path(value);
      return _ -> file(file, "the file of the credential");
    }
    if (!value.isEmpty() && name.startsWith("env:")) {
      return _ -> variable(value, "set it to the credential");
    }
    if (!value.isEmpty() && name.startsWith("exec:")) {
      List<String> command = List.of(value.split("\\s+", -1));
      return deadline -> program(command, deadline);
    }
    throw new NoToken(
        NoToken.Kind.MISUSE,
        "the credential must be auto, file:PATH, env:VARIABLE, exec:COMMAND, github, gitlab,"
            + " buildkite, circleci or kubernetes");
  }

  private Credential found(Deadline deadline) throws NoToken {
    if (isSet(FILE) && isSet(VALUE)) {
      throw new NoToken(NoToken.Kind.MISUSE, "set " + FILE + " or " + VALUE + ", not both");
    }
    if (isSet(FILE)) {
      notes.accept("the credential is in the file of " + FILE);
      return file(path(variables.apply(FILE)), "the file of " + FILE);
    }
    if (isSet(VALUE)) {
      notes.accept("the credential is in " + VALUE);
      return variable(VALUE, "set it to the credential");
    }
    for (Place place : places) {
      if (place.isHere().getAsBoolean()) {
        notes.accept("the credential is " + place.what());
        return place.source().read(deadline);
      }
    }
    throw new NoToken(
        NoToken.Kind.NO_CREDENTIAL,
        "there is no credential: say --credential, set %s, or mount %s"
            .formatted(FILE, places.getLast().what()));
  }

  private Credential github(Deadline deadline) throws NoToken {
    String remedy = "give the job 'permissions: {id-token: write}'";
    String bearer = variable(GITHUB_TOKEN, remedy).value();
    URI address = SafeAddress.parse(variable(GITHUB_URL, remedy).value(), GITHUB_URL);
    String separator = address.getRawQuery() == null ? "?" : "&";
    URI wanted = URI.create(address + separator + "audience=" + URLEncoder.encode(audience, UTF_8));
    HttpCall.Answer answer =
        new HttpCall("the token service of GitHub Actions", null)
            .send(
                HttpRequest.newBuilder(wanted).header("Authorization", "Bearer " + bearer),
                deadline);
    if (answer.status() == OK) {
      return Credential.parse(answer.text("value"), "the response of GitHub Actions");
    }
    throw new NoToken(
        answer.status() >= 500 ? NoToken.Kind.AWAY : NoToken.Kind.NO_CREDENTIAL,
        "GitHub Actions gives no ID token: status " + answer.status() + "; " + remedy,
        answer.retryAfter());
  }

  private Credential gitlab() throws NoToken {
    return variable(GITLAB, "define it under id_tokens of the job, with aud: " + audience);
  }

  private Credential buildkite(Deadline deadline) throws NoToken {
    return program(buildkite(audience), deadline);
  }

  /** Requests the ids, too: a token has them only on demand. */
  static List<String> buildkite(String audience) {
    return List.of(
        "buildkite-agent",
        "oidc",
        "request-token",
        "--audience",
        audience,
        "--claim",
        "organization_id",
        "--claim",
        "pipeline_id");
  }

  private Credential circleci() throws NoToken {
    return variable("CIRCLE_OIDC_TOKEN_V2", "the job has none: it must use a context, and no fork");
  }

  private boolean isSet(String variable) {
    return !variables.apply(variable).isBlank();
  }

  private Credential variable(String name, String remedy) throws NoToken {
    if (!isSet(name)) {
      throw new NoToken(NoToken.Kind.NO_CREDENTIAL, name + " is not set: " + remedy);
    }
    return Credential.parse(variables.apply(name), name);
  }

  private static Path path(String text) throws NoToken {
    try {
      return Path.of(text);
    } catch (InvalidPathException none) {
      throw new NoToken(NoToken.Kind.MISUSE, "the file of the credential is no path");
    }
  }

  private static Credential file(Path file, String what) throws NoToken {
    try {
      return Credential.parse(BoundedFile.text(BoundedFile.read(file, MAX_BYTES)), what);
    } catch (NoSuchFileException none) {
      throw new NoToken(NoToken.Kind.NO_CREDENTIAL, what + " does not exist");
    } catch (IOException unreadable) {
      throw new NoToken(
          NoToken.Kind.NO_CREDENTIAL, what + " cannot be read: " + BoundedFile.why(unreadable));
    }
  }

  private static Credential program(List<String> command, Deadline deadline) throws NoToken {
    String output = new CredentialProgram(command).output(deadline);
    return Credential.parse(output, "the output of " + command.getFirst());
  }
}
