package dev.tokenbroker.command.agent;

import dev.tokenbroker.base.time.Clocks;
import dev.tokenbroker.command.agent.AgentDocument.Entry;
import dev.tokenbroker.command.fetch.NoToken;
import dev.tokenbroker.command.fetch.TokenFetch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps all files of a document. Safe for use by several threads. */
public final class Agent {

  private final List<KeptFile> files;

  /**
   * @param executor runs exchanges, each of which may wait
   * @param log takes a line when the state of a file changes; called by several threads
   */
  public Agent(AgentDocument document, Clocks clocks, Executor executor, Consumer<String> log) {
    this.files =
        document.files().stream().map(one -> kept(one, document, clocks, executor, log)).toList();
  }

  private static KeptFile kept(
      Entry entry, AgentDocument document, Clocks clocks, Executor executor, Consumer<String> log) {
    TokenFetch fetch =
        new TokenFetch(
            entry.request(), document.credential(), null, clocks, clocks.random(), _ -> {});
    return new KeptFile(
        entry, deadline -> fetch.exchange(deadline, 1), clocks, executor, log);
  }

  /** Does what is due; to be called every quarter of a second or so. */
  public void tick() {
    files.forEach(KeptFile::tick);
  }

  /** The process of the agent's own command, which gets the signals. */
  public void tells(Process command) {
    files.forEach(file -> file.tells(command));
  }

  /** Whether all files are fresh. */
  public boolean isFresh() {
    return files.stream().allMatch(KeptFile::isFresh);
  }

  /**
   * Why there is a file without a new token; empty if no attempt has failed.
   *
   * @param lasting whether another attempt must be of no use unless somebody changes something
   */
  public Optional<NoToken> failure(boolean lasting) {
    for (KeptFile file : files) {
      @Nullable NoToken why = file.failure();
      if (why != null && !(lasting && KeptFile.isPassing(why))) {
        return Optional.of(new NoToken(why.kind(), file.path() + ": " + why.line()));
      }
    }
    return Optional.empty();
  }

  /** The state of the files, in the form of the broker's own health. */
  public Map<String, Object> health() {
    List<Map<String, Object>> checks =
        files.stream()
            .map(one -> Map.of("name", one.path(), "status", up(one.isFresh()), "data", one.state()))
            .toList();
    return Map.of("status", up(isFresh()), "checks", checks);
  }

  private static String up(boolean fresh) {
    return fresh ? "UP" : "DOWN";
  }
}
