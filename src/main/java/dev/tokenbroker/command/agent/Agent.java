package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenFetch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Keeps all files of a document. Safe for use by several threads. */
public final class Agent {

  private final List<KeptFile> files = new ArrayList<>();

  /** What the process does for an agent. Called by several threads. */
  public interface Listener {

    /** Takes a line for a person, with the path: the state of a file has changed. */
    void line(String line);

    /** Sends a signal to the agent's own command, if that runs. */
    void signal(String name);
  }

  /**
   * @param executor runs exchanges, each of which may wait
   */
  public Agent(AgentDocument document, Clocks clocks, Executor executor, Listener listener) {
    for (Entry one : document.files()) {
      TokenFetch fetch =
          new TokenFetch(
              one.request(), document.credential(), null, clocks, clocks.random(), _ -> {});
      files.add(
          new KeptFile(one, deadline -> fetch.exchange(deadline, 1), clocks, executor, listener));
    }
  }

  /** Does what is due; to be called every quarter of a second or so. */
  public void tick() {
    files.forEach(KeptFile::tick);
  }

  /** Whether all files are fresh. */
  public boolean isFresh() {
    return files.stream().allMatch(KeptFile::isFresh);
  }

  /** The first reason why a file has no new token; empty if no attempt failed. */
  public Optional<NoToken> failure() {
    return files.stream().map(KeptFile::failure).filter(Objects::nonNull).findFirst();
  }

  /** The state of the files, in the form of the broker's own health. */
  public Map<String, Object> health() {
    return Map.of(
        "status",
        isFresh() ? "UP" : "DOWN",
        "checks",
        files.stream().map(KeptFile::state).toList());
  }
}
