package dev.tokenbroker.judge.expression;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compiles each source once, for tests that read the same expressions over and over. */
public final class KeptExpressions extends Expressions {

  private final Map<String, Expressions.Compiled<Condition>> conditions = new ConcurrentHashMap<>();
  private final Map<String, Expressions.Compiled<Expression>> subjects = new ConcurrentHashMap<>();
  private final Map<String, Expressions.Compiled<Expression>> claims = new ConcurrentHashMap<>();

  @Override
  public Expressions.Compiled<Condition> condition(String source) {
    return conditions.computeIfAbsent(source, super::condition);
  }

  @Override
  public Expressions.Compiled<Expression> subject(String source) {
    return subjects.computeIfAbsent(source, super::subject);
  }

  @Override
  public Expressions.Compiled<Expression> claim(String source) {
    return claims.computeIfAbsent(source, super::claim);
  }
}
