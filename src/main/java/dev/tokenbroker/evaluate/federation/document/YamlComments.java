package dev.tokenbroker.evaluate.federation.document;

import dev.tokenbroker.base.yaml.YamlParser;
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
 * Finds the comments of a YAML file. It uses the scanner, which distinguishes a comment from a
 * {@code #} in a text. The document parser drops comments.
 */
public final class YamlComments {

  private YamlComments() {}

  /**
   * A comment.
   *
   * @param line from 1
   * @param text without the {@code #}
   * @param alone whether the line contains only the comment
   */
  public record Comment(int line, String text, boolean alone) {}

  /** Returns the comments in file order, up to the first YAML error. */
  public static List<Comment> of(String text) {
    List<Comment> comments = new ArrayList<>();
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(YamlParser.MAX_BYTES);
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
