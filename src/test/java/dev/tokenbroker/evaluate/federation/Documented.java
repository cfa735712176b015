package dev.tokenbroker.evaluate.federation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** The YAML that the references of federation documents and case files show. */
public final class Documented {

  private static final List<Path> PAGES =
      List.of(Path.of("src/docs/use/federation.md"), Path.of("src/docs/use/cases.md"));
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");
  private static final Predicate<String> CASE_FILE =
      Pattern.compile("(?m)^identities:").asPredicate();

  private Documented() {}

  public static List<String> federations() throws IOException {
    return blocks(CASE_FILE.negate());
  }

  public static List<String> caseFiles() throws IOException {
    return blocks(CASE_FILE);
  }

  private static List<String> blocks(Predicate<String> kind) throws IOException {
    List<String> blocks = new ArrayList<>();
    for (Path page : PAGES) {
      BLOCK
          .matcher(Files.readString(page))
          .results()
          .map(block -> block.group(1))
          .filter(kind)
          .forEach(blocks::add);
    }
    return blocks;
  }
}
