package dev.tokenbroker.base.refusal;

import org.jspecify.annotations.Nullable;

/**
 * One thing wrong with a request.
 *
 * @param field its name in the API, such as {@code audience} or {@code scopes[3]}
 * @param description what is wrong with it, never its value
 */
public record FieldViolation(String field, String description) {

  // Written by hand: a native executable interprets the generated methods.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FieldViolation that
        && field.equals(that.field)
        && description.equals(that.description);
  }

  @Override
  public int hashCode() {
    return 31 * field.hashCode() + description.hashCode();
  }
}
