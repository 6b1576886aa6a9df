"""The kinds of tree node that a query may be made of; anything else is refused.

A list of what is allowed, not of what is forbidden: a node that a new sqlglot adds is refused until
somebody has thought about it.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_QUERY: tuple[type[exp.Expr], ...] = (
    exp.Select,
    exp.Union,
    exp.Intersect,
    exp.Except,
    exp.Subquery,
    exp.With,
    exp.CTE,
    exp.From,
    exp.Join,
    exp.Table,
    exp.TableAlias,
    exp.TableSample,
    exp.Unnest,
    exp.Values,
    exp.Where,
    exp.Group,
    exp.GroupingSets,
    exp.Cube,
    exp.Rollup,
    exp.Having,
    exp.Order,
    exp.Ordered,
    exp.Distinct,
    exp.Limit,
    exp.Fetch,
    exp.LimitOptions,
    exp.Offset,
    exp.Window,
    exp.WindowSpec,
    exp.Filter,
    exp.WithinGroup,
    exp.IgnoreNulls,
    exp.RespectNulls,
)

_EXPRESSION: tuple[type[exp.Expr], ...] = (
    exp.Column,
    exp.Dot,
    exp.Identifier,
    exp.Star,
    exp.Alias,
    exp.Literal,
    exp.Null,
    exp.Boolean,
    exp.HexString,
    exp.RawString,
    exp.UnicodeString,
    exp.Var,
    exp.Paren,
    exp.Tuple,
    exp.Lambda,
    exp.Bracket,
    exp.Interval,
    exp.IntervalSpan,
    exp.DataType,
    exp.DataTypeParam,
    exp.ColumnDef,
    exp.AtTimeZone,
    exp.JSONPath,
    exp.JSONPathKey,
    exp.JSONPathRoot,
    exp.JSONPathSubscript,
    exp.JSONPathWildcard,
    exp.PropertyEQ,
    exp.Mul,
    exp.Div,
    exp.IntDiv,
    exp.Mod,
    exp.Add,
    exp.Sub,
    exp.Neg,
    exp.DPipe,
    exp.BitwiseAnd,
    exp.BitwiseOr,
    exp.BitwiseXor,
    exp.BitwiseNot,
    exp.BitwiseLeftShift,
    exp.BitwiseRightShift,
)

_PREDICATE: tuple[type[exp.Expr], ...] = (
    exp.And,
    exp.Or,
    exp.Xor,
    exp.Not,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Is,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Between,
    exp.In,
    exp.Like,
    exp.ILike,
    exp.Escape,
    exp.Exists,
    exp.Any,
    exp.All,
)

NODES: Final[frozenset[type[exp.Expr]]] = frozenset((*_QUERY, *_EXPRESSION, *_PREDICATE))
"""Every kind that is no function call."""


_CALLS = """
Expr Abs Acos AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin Array ArrayAgg ArrayAll
ArrayAny ArrayConcat ArrayContains ArrayDistinct ArrayExcept ArrayFilter ArrayIntersect ArrayMax
ArrayMin ArrayPosition ArrayRemove ArraySize ArraySlice ArraySort ArraySum ArrayToString
ArrayUniqueAgg Asin Atan Atan2 Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Case Cast Cbrt Ceil
Chr Coalesce Concat ConcatWs Corr Cos Cosh Count CountIf CovarPop CovarSamp CumeDist CurrentDate
CurrentTime CurrentTimestamp Date DateAdd DateDiff DateSub DateStrToDate DateTrunc Day DayOfMonth
DayOfWeek DayOfWeekIso DayOfYear Decode Degrees DenseRank Encode EndsWith Exp Extract FirstValue
Flatten Floor Format FromBase FromBase32 FromBase64 FromISO8601Date FromISO8601Timestamp
GenerateSeries Greatest GroupConcat Grouping Hex Hour If Initcap IsInf IsNan JSONArrayContains
JSONExtract JSONExtractScalar JSONFormat Kurtosis Lag LastDay LastValue Lead Least Left Length
Levenshtein Ln Localtime Localtimestamp Log LogicalAnd LogicalOr Lower MD5Digest Map
MapFromEntries MapKeys Max Min Minute Month Normalize NthValue Ntile Nullif Pad ParseDatetime
ParseJSON PercentRank Pi Pow Quantile Quarter Radians Rand Rank Reduce RegexpCount RegexpExtract
RegexpExtractAll RegexpLike RegexpReplace RegexpSplit RegrAvgx RegrAvgy RegrCount RegrIntercept
RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy Repeat Replace Reverse Right Round RowNumber SHA
SHA2Digest Second Shuffle Sign Sin Sinh Skewness Soundex Split SplitPart Sqrt StDistance StPoint
StartsWith Stddev StddevPop StddevSamp StrPosition StrToDate StrToMap StrToTime Struct Substring
Sum Tan Tanh TimeStrToDate TimeStrToTime TimeToStr TimeToUnix Timestamp TimestampAdd TimestampDiff
TimestampTrunc ToBase32 ToBase64 ToChar Transform Translate Trim Trunc Try TryCast TsOrDsAdd
TsOrDsDiff TsOrDsToDate Typeof Unhex UnixToTime Upper Uuid Variance VariancePop Week WeekOfYear
WidthBucket Year YearOfWeek
"""
CALLS: Final[frozenset[type[exp.Expr]]] = frozenset(getattr(exp, name) for name in _CALLS.split())
"""Function calls that sqlglot knows and that become functions of Presto.

Calls that it does not know are ``exp.Anonymous`` and are judged by name (``nlq.sql.functions``).
"""
