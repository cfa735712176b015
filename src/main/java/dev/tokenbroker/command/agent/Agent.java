package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.agent.KeptFile.State;
import dev.tokenbroker.command.agent.KeptFile.Status;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenFetch;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps all files of a document. Safe for use by several threads. */
public final class Agent {

  private final AgentDocument document;
  private final List<KeptFile> files = new ArrayList<>();

  /**
   * @param executor runs exchanges, each of which may wait
   * @param log takes a line when the state of a file changes; called by several threads
   */
  public Agent(AgentDocument document, Clocks clocks, Executor executor, Consumer<String> log) {
    this.document = document;
    for (AgentFile file : document.files()) {
      TokenFetch fetch =
          new TokenFetch(
              file.request(), document.credential(), null, clocks, clocks.random(), _ -> {});
      files.add(
          new KeptFile(
              file, deadline -> fetch.exchange(deadline, 1), clocks, executor, log));
    }
  }

  /**
   * Why the agent must not begin; empty if it may.
   *
   * @param hasCommand whether it starts a command, to which signals can be sent
   */
  public Optional<String> fault(boolean hasCommand) {
    for (AgentFile one : document.files()) {
      TokenFile file = one.file();
      if (Files.isDirectory(file.path())) {
        return Optional.of(file.path() + " is a directory");
      }
      if (!file.canHaveOwner()) {
        return Optional.of(
            "this user may not give "
                + file.path()
                + " to its owner: run the agent as that user or with CAP_CHOWN, or remove 'owner'");
      }
      if (!hasCommand && one.afterWrite() instanceof AfterWrite.Signal(_, var to) && to == null) {
        return Optional.of(
            "the signal of " + file.path() + " needs a pidFile, or a command after --");
      }
    }
    return Optional.empty();
  }

  /** Takes over the files of an earlier process. */
  public void begin() {
    files.forEach(KeptFile::begin);
  }

  /** Does what is due; to be called every quarter of a second or so. */
  public void tick() {
    files.forEach(KeptFile::tick);
  }

  /** The process of the agent's own command. */
  public void tells(Process command) {
    files.forEach(file -> file.tells(command));
  }

  /** Whether all files are fresh. */
  public boolean isFresh() {
    return files.stream().allMatch(file -> file.status().state() == State.FRESH);
  }

  /** Why files are not there or not renewed; empty for those whose last attempt was good. */
  public List<NoFile> failures() {
    List<NoFile> failures = new ArrayList<>();
    for (KeptFile file : files) {
      KeptFile.Failure why = file.status().failure();
      if (why != null) {
        failures.add(new NoFile(why.kind(), file.path() + ": " + why.line()));
      }
    }
    return failures;
  }

  /**
   * Why there is no new token in a file.
   *
   * @param kind null if the file cannot be written
   * @param line one line, which begins with the path
   */
  public record NoFile(NoToken.@Nullable Kind kind, String line) {

    /** Whether another attempt is of no use without a change of something. */
    public boolean isLasting() {
      return kind != null
          && switch (kind) {
            case AWAY, NO_CREDENTIAL -> false;
            case REFUSED, NO_BROKER, BAD_CREDENTIAL, MISUSE -> true;
          };
    }
  }

  /** The state of the files in the form of the broker's own health. */
  public Map<String, Object> health() {
    List<Map<String, Object>> checks = new ArrayList<>();
    boolean up = true;
    for (KeptFile file : files) {
      Status status = file.status();
      boolean fresh = status.state() == State.FRESH;
      up &= fresh;
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("state", status.state().name().toLowerCase(Locale.ROOT));
      if (status.expiry() != null) {
        data.put("expires", status.expiry().toString());
      }
      if (status.failure() != null) {
        data.put("problem", status.failure().line());
      }
      checks.add(Map.of("name", file.path(), "status", fresh ? "UP" : "DOWN", "data", data));
    }
    return Map.of("status", up ? "UP" : "DOWN", "checks", checks);
  }
}
