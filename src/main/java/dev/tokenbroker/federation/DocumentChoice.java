package dev.tokenbroker.federation;

import dev.tokenbroker.federation.LoadResult.Look;
import dev.tokenbroker.outcome.BoundedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the document that is to be in force: the first revision in the history, or the document
 * on disk while there is none. If the history cannot be read, the choice is neither. The document
 * on disk may be one that was replaced long ago.
 */
final class DocumentChoice {

  private static final String PATH = "token-broker.federation.path";
  private static final String HISTORY_PATH = "token-broker.federation.history-path";

  private static final Problem UNSET =
      new Problem(
          PATH,
          0,
          "no federation document is set",
          "Set it to a YAML file, or a directory of them.");

  private final @Nullable Path path;
  private final @Nullable History history;

  DocumentChoice(FederationSettings settings) {
    this.path = settings.path().orElse(null);
    this.history = settings.historyPath().map(History::new).orElse(null);
  }

  /** The document that is to be in force. */
  sealed interface Chosen {

    /** The document at {@code token-broker.federation.path}. */
    record OnDisk(Path path) implements Chosen {}

    /**
     * A kept revision.
     *
     * @param changes the problem that the document on disk has changed; empty if it has not
     */
    record FromHistory(KeptRevision revision, DocumentLocation location, List<Problem> changes)
        implements Chosen {}

    /** There is none, for that problem. */
    record Unavailable(Problem problem) implements Chosen {}
  }

  /** The history; null if the broker keeps none. */
  @Nullable History history() {
    return history;
  }

  Chosen choose() {
    Optional<HistoryList> list;
    try {
      list = history == null ? Optional.empty() : history.list();
      if (history != null && list.isPresent()) {
        KeptRevision first = list.get().revisions().getFirst();
        DocumentLocation location = history.location(first.revision());
        List<Problem> changes = changes(list.get(), SourceFiles.digest(location));
        return new Chosen.FromHistory(first, location, changes);
      }
    } catch (IOException e) {
      return new Chosen.Unavailable(unreadable(e));
    }
    return path == null ? new Chosen.Unavailable(UNSET) : new Chosen.OnDisk(path);
  }

  /** Changes with all that {@link #choose} depends on, and with the content of the document. */
  String fingerprint(Look last) {
    return switch (choose()) {
      case Chosen.OnDisk(Path onDisk) -> FederationLoader.fingerprint(onDisk, last);
      case Chosen.FromHistory(KeptRevision _, DocumentLocation location, List<Problem> changes) ->
          SourceFiles.fingerprint(location, last) + changes;
      case Chosen.Unavailable(Problem problem) -> problem.toString();
    };
  }

  /**
   * The problem that the document on disk has changed; empty if it has not.
   *
   * @param inForce the digest of the document in force
   */
  List<Problem> changes(HistoryList list, String inForce) {
    String onDisk = documentDigest();
    if (path == null || onDisk.equals(list.documentDigest()) || onDisk.equals(inForce)) {
      return List.of();
    }
    return List.of(
        new Problem(
            PATH,
            0,
            "the document at "
                + path
                + " has changed, and is not loaded, since the history decides what is in force",
            "Make it the candidate and promote it, or remove token-broker.federation.history-path."));
  }

  /** The list of a history that begins now. */
  HistoryList emptyList() {
    return new HistoryList(documentDigest(), List.of());
  }

  private String documentDigest() {
    return path == null ? "" : SourceFiles.digest(DocumentLocation.of(path));
  }

  /** The problem of a history that cannot be read. */
  static Problem unreadable(IOException e) {
    return new Problem(
        HISTORY_PATH,
        0,
        "the history cannot be read: " + why(e),
        "Restore it from a backup, or empty the directory to begin again with the document on disk.");
  }

  /** The problem of a history that cannot be written. */
  static Problem unwritable(IOException e) {
    return new Problem(
        HISTORY_PATH,
        0,
        "the history cannot be written: " + why(e),
        "Make the directory writable for the broker, with room on its disk.");
  }

  /** The problem of a kept revision whose files have changed. */
  static Problem damaged(String revision) {
    return new Problem(
        HISTORY_PATH,
        0,
        "the kept revision " + revision + " is damaged: its files have another content",
        "Restore the directory of the history from a backup, or use another revision.");
  }

  private static String why(IOException e) {
    return e.getClass() == IOException.class && e.getMessage() != null
        ? e.getMessage()
        : BoundedFile.why(e);
  }
}
