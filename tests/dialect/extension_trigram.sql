-- What pg_trgm brings is refused by its name, once it is there.
create table t (s text, v varchar(10));
select s % 'a' from t;
select s <-> 'a' from t;
select similarity('a', 'b');
create extension pg_trgm;
-- refused: similarity
select s % 'a' from t;
-- refused: similarity
select v % 'a' from t;
-- refused: similarity
select s from t where 'a' <% s;
-- refused: similarity
select s %> 'a' from t;
-- refused: similarity
select s from t order by s <-> 'a';
-- refused: similarity
select s <<-> v from t;
-- refused: similarity
select strict_word_similarity('a', s) from t;
-- refused: similarity
select show_limit();
select 7 % 4, 7.5 % 2;
select 7 % '4';
select s % 4 from t;
select s % true from t;
