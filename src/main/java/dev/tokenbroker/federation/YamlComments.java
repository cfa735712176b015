package dev.tokenbroker.federation;

import java.util.ArrayList;
import java.util.List;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.scanner.ScannerImpl;
import org.yaml.snakeyaml.tokens.CommentToken;
import org.yaml.snakeyaml.tokens.Token;

/**
 * Finds the comments of a YAML file. Only the scanner tells them from a {@code #} in a text; the
 * parser of documents does not see them.
 */
public final class YamlComments {

  private YamlComments() {}

  /**
   * A comment.
   *
   * @param line from 1
   * @param text without the {@code #}
   * @param alone whether nothing else stands in the line
   */
  public record Comment(int line, String text, boolean alone) {}

  /** The comments in the order of the file; as far as it is YAML. */
  public static List<Comment> of(String text) {
    List<Comment> comments = new ArrayList<>();
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(SourceFiles.MAX_FILE_BYTES);
    options.setProcessComments(true);
    try {
      ScannerImpl scanner = new ScannerImpl(new StreamReader(text), options);
      while (!scanner.checkToken(Token.ID.StreamEnd)) {
        if (scanner.getToken() instanceof CommentToken comment
            && comment.getCommentType() != CommentType.BLANK_LINE) {
          comments.add(
              new Comment(
                  comment.getStartMark().getLine() + 1,
                  comment.getValue(),
                  comment.getCommentType() == CommentType.BLOCK));
        }
      }
    } catch (YAMLException broken) {
      // The parser reports it.
    }
    return List.copyOf(comments);
  }
}
