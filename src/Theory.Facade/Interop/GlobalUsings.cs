global using Core = global::Theory;
global using Theory.Numerics;
