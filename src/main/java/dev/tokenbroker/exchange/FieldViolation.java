package dev.tokenbroker.exchange;

/**
 * One thing wrong with a request.
 *
 * @param field its name in the API, such as {@code audience} or {@code scopes[3]}
 * @param description what is wrong with it, never its value
 */
public record FieldViolation(String field, String description) {}
