package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import dev.tokenbroker.evaluate.federation.document.Owners.Owner;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The judgement on a file that is to become part of a document with {@code owners}.
 *
 * @param name the name of the file
 * @param problems its problems, and those of other files that vanish without its content; empty if
 *     it is good
 * @param others the number of problems in other files that it does not cause
 * @param targets for which it may write rules
 * @param declares the sections that it may have beside rules
 * @param loaded the document with the file; null if any file has problems
 */
public record ProposedFile(
    String name,
    List<Problem> problems,
    int others,
    List<String> targets,
    List<String> declares,
    @Nullable Loaded loaded) {

  static ProposedFile of(
      String name, Owners owners, List<Problem> problems, int others, @Nullable Loaded loaded) {
    Owner owner = owners.of(name);
    return new ProposedFile(
        name,
        problems.stream().sorted().toList(),
        others,
        owner == null ? List.of() : owner.audiences(),
        owner == null
            ? List.of()
            : Owners.DECLARABLE.stream().filter(owner.declares()::contains).toList(),
        loaded);
  }

  /** The problem of a file without an owner, which no other check reports. */
  static Optional<Problem> unowned(String name, Owners owners) {
    if (name.equals(owners.root())) {
      return Optional.of(
          new Problem(
              name,
              1,
              "this is the root document, which may write everything",
              "Check it without --owner."));
    }
    return owners.root() == null
        ? Optional.of(
            new Problem(
                name,
                1,
                "not exactly one file of the document has 'owners'",
                "Name the root document, or the directory that holds it."))
        : Optional.empty();
  }
}
