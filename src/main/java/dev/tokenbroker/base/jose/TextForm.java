package dev.tokenbroker.base.jose;

import static java.util.stream.Collectors.joining;

import dev.tokenbroker.base.files.Resource;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.base.refusal.RefusalReason;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A row of the table of forms, {@code text-forms.txt}: what a text is that came in place of a
 * signed JWT. The table is read for credentials, assertions, proofs, access tokens and token files,
 * after their parser refused them.
 *
 * <p>First it takes off what surrounds the text, such as quotes, a scheme or base64. Then the first
 * row that fits names the rest. The time is linear in the length: a pattern is tried where the text
 * or a word begins, and repeats single characters. At most {@value #MAX_READ_CHARS} characters are
 * read.
 *
 * @param what words of the table; the most that comes from the text is a public prefix
 * @param remedy what the sender does about this form; empty if the remedy of the reason says it
 */
public record TextForm(Kind kind, String remedy, String what, Pattern pattern) {

  static final int MAX_READ_CHARS = 64 * 1024;

  /** Enough to know a text that is too long. */
  private static final int MAX_READ_OF_LARGE = 4 * 1024;

  private static final int MAX_LAYERS = 4;
  private static final int MAX_NOTED_CHARS = 300;
  private static final Pattern INSIDE =
      Pattern.compile("(?<![\\w-])e[wy][\\w-]{16,}+\\.[\\w-]++\\.");
  private static final Pattern PLAIN = Pattern.compile("[ -~\\s]*+");
  private static final String ALONE = "Send the token alone, not the text that it came in.";
  private static final List<TextForm> ROWS = rows();

  /** How far a text is from a signed JWT; the first five surround it. */
  enum Kind {
    OUTSIDE,
    BEFORE,
    PERCENT,
    BASE64,
    HEX,
    JWT,
    WHOLE,
    ENCRYPTED,
    FOREIGN,
    UNKNOWN,
    NOTE
  }

  private static List<TextForm> rows() {
    Map<String, String> remedies = new HashMap<>();
    List<TextForm> rows = new ArrayList<>();
    for (String line : Resource.text(TextForm.class, "text-forms.txt").split("\n", -1)) {
      String[] cells = line.split(" \\| ", 4);
      if (cells.length == 3) {
        remedies.put(cells[1], cells[2]);
      } else if (cells.length == 4) {
        String pattern = cells[3].replace("{J}", "e[wy]{B}\\.{B}\\.{B}");
        rows.add(
            new TextForm(
                Kind.valueOf(cells[0]),
                remedies.getOrDefault(cells[1], cells[1]),
                cells[2],
                Pattern.compile(pattern.replace("{B}", "[\\w-]++"))));
      }
    }
    return rows;
  }

  /** The refusal of a text that is no signed JWT. */
  static Refusal refusal(String text) {
    List<TextForm> layers = new ArrayList<>();
    TextForm form = of(text, layers);
    boolean jwt = form.kind == Kind.JWT || form.kind == Kind.WHOLE;
    boolean surrounded = form.kind == Kind.WHOLE && !layers.isEmpty();
    boolean encrypted = form.kind == Kind.ENCRYPTED;
    String around = layers.stream().map(layer -> layer.what).distinct().collect(joining(" and "));
    Refusal refusal =
        Refusal.of(
                encrypted
                    ? RefusalReason.CREDENTIAL_NOT_SUPPORTED
                    : RefusalReason.CREDENTIAL_MALFORMED)
            .expected("a signed JWT")
            .seen(
                (jwt || encrypted ? "" : "no JWT: ")
                    + (surrounded ? "a JWT" : form.what)
                    + (around.isEmpty() ? "" : ", with " + around)
                    + ("; " + text.length() + " characters"));
    // Quotes around a key are not the fault: without them it is refused again.
    for (TextForm layer : jwt ? layers : List.<TextForm>of()) {
      refusal = refusal.hint(layer.remedy);
    }
    return surrounded ? refusal : refusal.hint(form.remedy);
  }

  /** The refusal of a text that is too long; it names what is no JWT, as far as the table knows. */
  static Refusal tooLarge(String text, int maxChars) {
    String begin = text.substring(0, Math.min(text.length(), MAX_READ_OF_LARGE));
    return of(begin, new ArrayList<>()).kind == Kind.FOREIGN
        ? refusal(text)
        : Refusal.of(RefusalReason.CREDENTIAL_TOO_LARGE)
            .expected("at most " + maxChars + " bytes")
            .seen(text.length() + " characters");
  }

  /** What a JWT with this header and these claims seems to be for, if it is no credential. */
  public static List<String> purposes(Map<String, Object> header, Map<String, Object> claims) {
    String members = lines("header.", header) + lines("claims.", claims);
    return ROWS.stream()
        .filter(row -> row.kind == Kind.NOTE && row.pattern.matcher(members).find())
        .map(row -> "The credential looks like " + row.what + ".")
        .toList();
  }

  private static String lines(String prefix, Map<String, Object> members) {
    return new TreeMap<>(members)
        .entrySet().stream()
            .map(member -> prefix + member.getKey() + "=" + member.getValue())
            .map(line -> line.substring(0, Math.min(line.length(), MAX_NOTED_CHARS)) + "\n")
            .collect(joining());
  }

  private static TextForm of(String text, List<TextForm> layers) {
    String rest = text.substring(0, Math.min(text.length(), MAX_READ_CHARS));
    while (true) {
      for (TextForm row : ROWS) {
        Matcher found = row.pattern.matcher(rest);
        String inner = layers.size() == MAX_LAYERS ? rest : row.inner(found, rest);
        if (!inner.isEmpty() && !inner.equals(rest)) {
          layers.add(row);
          rest = inner;
          break;
        }
        if (row.kind.compareTo(Kind.JWT) >= 0 && found.reset().lookingAt()) {
          return row.named(found, rest);
        }
      }
    }
  }

  /** The text without this layer; the same text for other rows. */
  private String inner(Matcher found, String text) {
    return switch (kind) {
      case OUTSIDE, BEFORE -> found.replaceAll("");
      case PERCENT, BASE64, HEX -> found.lookingAt() ? decoded(text) : text;
      case JWT, WHOLE, ENCRYPTED, FOREIGN, UNKNOWN, NOTE -> text;
    };
  }

  private TextForm named(Matcher found, String text) {
    boolean inside = kind == Kind.FOREIGN && INSIDE.matcher(text).find();
    String prefix = found.groupCount() == 0 ? null : found.group(1);
    String named = prefix == null ? what : "it begins like " + what + " (" + prefix + ")";
    return inside
        ? new TextForm(kind, ALONE, named + ", with a JWT in it", pattern)
        : new TextForm(kind, remedy, named, pattern);
  }

  /** What this encoding stands for, if that is text; empty otherwise. */
  private String decoded(String text) {
    try {
      String decoded =
          switch (kind) {
            case PERCENT -> URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
            case BASE64 ->
                latin(Base64.getMimeDecoder().decode(text.replace('-', '+').replace('_', '/')));
            default -> latin(HexFormat.of().parseHex(text));
          };
      return PLAIN.matcher(decoded).matches() ? decoded : "";
    } catch (IllegalArgumentException otherwiseEncoded) {
      return "";
    }
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
