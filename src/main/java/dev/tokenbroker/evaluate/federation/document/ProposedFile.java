package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.evaluate.federation.document.FederationLoader.LoadResult.Loaded;
import java.util.List;
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
    @Nullable Loaded loaded) {}
